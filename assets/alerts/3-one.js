/* The chosen alarm: what the server says of it, what can be done, and the form. What is typed stays, whatever comes meanwhile. */
'use strict';
(function () {
  const Z = window.zhizhi, A = Z.alerts, ID = A.ID;
  const KEYS = { acknowledge: 'a', shelve: 's', note: 'n', make_case: 'c' };
  const FIELDS = { acknowledge: [], shelve: ['minutes', 'reason'], unshelve: [], reset: [], remove_from_service: ['minutes', 'reason'], return_to_service: [], note: ['reason'], outcome: ['outcome', 'reason'], make_case: ['category', 'place', 'reason'] };
  const fields = (name) => FIELDS[name].filter((f) => f !== 'place' || !more.placed);
  const side = () => Z.el(ID.side), form = () => Z.el(ID.form);
  let more = null, act = null, looking = null, judged = null; // judged: the last evaluations, of an alarm in a version; more: what the server said of the chosen alarm; act: whose form is open

  /* ---- which ---- */
  A.look = async (id, again) => {
    if (id !== A.chosen) { A.leave(); more = null; }
    A.chosen = id;
    const node = A.node(id);
    if (node) { A.row = node.data; A.place = node.rowIndex; if (!node.isSelected()) node.setSelected(true, true); }
    else if (A.api) A.api.deselectAll();
    if (!again) A.note();
    draw();
    if (looking) looking.abort();
    const mine = (looking = new AbortController());
    try {
      const found = await A.get('/alerts/one/' + id + '?lang=' + A.lang(), mine.signal);
      if (mine !== looking || A.chosen !== id) return;
      more = found;
      judge(id, found.v);
      if (found.row) A.row = node && A.node(id) ? { ...A.node(id).data, v: found.v } : found.row;
      draw();
      dispatchEvent(new CustomEvent('alerts-one', { detail: id }));
    } catch (e) { /* what is there stays; the next change asks again */ }
  };
  async function judge(id, v) {
    if (judged && judged.id === id && judged.v === v) return;
    try {
      const found = await A.get('/alerts/judged/' + id + '?lang=' + A.lang());
      if (A.chosen !== id) return;
      judged = { id, v, html: found.html || '' };
      draw();
    } catch (e) { /* the rest of the alarm stands without them */ }
  }
  function put(at, html) {
    if (!at || at.dataset.html === html) return;
    const top = at.scrollTop;
    at.dataset.html = html;
    at.innerHTML = html;
    at.scrollTop = top;
  }
  function draw() {
    const at = side();
    if (!at) return;
    A.show(at.querySelector('.choose'), !A.chosen);
    A.show(at.querySelector('.chosen'), !!A.chosen);
    if (!A.chosen) return;
    const one = Z.el(ID.one);
    if (one.dataset.id !== String(A.chosen)) { one.dataset.id = A.chosen; one.scrollTop = 0; put(A.slot(at, 'head'), ''); put(one, ''); one.textContent = A.words.looking; one.dataset.html = ''; }
    if (!more) return;
    if (more.refused) { one.textContent = more.refused; one.dataset.html = ''; return; }
    put(A.slot(at, 'head'), more.head);
    put(one, more.html);
    if (judged && judged.id === A.chosen) put(A.slot(one, 'evaluations'), judged.html);
    buttons(A.slot(at, 'acts'));
  }
  function buttons(place) {
    if (!place) return;
    const can = Object.keys(A.words.acts).filter((a) => more.allowed.includes(a)), group = A.row && A.row.n && !A.row.u ? A.row.w : 0, sign = can.join() + group;
    if (place.dataset.sign === sign) return;
    place.dataset.sign = sign;
    const made = can.map((name) => button(name, A.words.acts[name], KEYS[name]));
    if (group > 1 && can.length) { const b = button('acknowledge', A.words.acts.acknowledge + ' · ' + A.words.whole + ' ' + A.number(group)); b.dataset.whole = '1'; made.splice(1, 0, b); }
    place.replaceChildren(...made);
  }
  function button(name, text, key) {
    const b = document.createElement('button');
    b.type = 'button'; b.className = 'btn'; b.dataset.act = name; b.textContent = text;
    if (key) { const k = document.createElement('kbd'); k.textContent = key; b.append(k); }
    return b;
  }
  A.enter = () => { const one = Z.el(ID.one); if (one) one.focus(); };

  /* ---- acts ---- */
  addEventListener('click', (e) => {
    const b = A.facts() && e.target.closest && e.target.closest('[data-act]');
    if (b) A.act(b.dataset.act, !!b.dataset.whole);
  });
  A.act = (name, whole) => {
    if (!A.chosen) return A.say(A.words.choose_first);
    if (!more || more.refused) return;
    if (!whole && !more.allowed.includes(name)) return A.say(Z.fill(A.words.not_now, { act: A.words.acts[name] }));
    if (FIELDS[name].length) return open(name);
    return send(name, {}, null, whole);
  };
  async function send(name, typed, at, whole) {
    const id = A.chosen, body = { id, act: name, v: more.v, ...typed };
    if (whole) body.seen = Object.fromEntries(await seen());
    let answer;
    try { answer = await A.post('/alerts/act', body); } catch (e) { fail(at, e); return false; }
    if (answer.one && A.chosen === id) { more = answer.one; draw(); }
    if (answer.done) { A.say(answer.done); A.load(); return true; }
    A.load();
    if (answer.conflict) clash(at, answer.conflict);
    else if (answer.errors) errors(at, answer.errors);
    else refuse(at, answer.refused || A.words.failed);
    return false;
  }
  /* Alarm by alarm with its version, so that nobody acknowledges what they could not see. */
  async function seen() {
    const group = A.row.g;
    if (!A.open.has(group)) { A.open.add(group); await A.load(); }
    return A.rows().filter((r) => r.g === group).map((r) => [r.id, r.v]);
  }
  const refuse = (at, text) => (at ? note(at, text) : A.say(text, true));
  const fail = (at, e) => refuse(at, A.words[e.kind] || A.words.failed);
  function note(at, text) {
    const place = A.slot(at, 'clash');
    place.replaceChildren();
    if (text) { const p = document.createElement('p'); p.textContent = text; place.append(p); }
  }
  function clash(at, said) {
    if (!at) return A.say([said.said, ...said.lines].join('\n'), true);
    note(at, said.said);
    const list = document.createElement('ul');
    said.lines.forEach((line) => { const li = document.createElement('li'); li.textContent = line; list.append(li); });
    A.slot(at, 'clash').append(list);
  }
  function errors(at, found) {
    if (!at) return refuse(null, Object.values(found).join(' '));
    at.querySelectorAll('[data-error]').forEach((span) => { const text = found[span.dataset.error] || ''; Z.put(span, text); span.closest('.fld').classList.toggle('bad', !!text); });
    const other = Object.keys(found).filter((k) => !at.querySelector('[data-error="' + k + '"]')).map((k) => found[k]);
    note(at, other.join(' '));
    const first = at.querySelector('.fld.bad [name]');
    if (first) first.focus();
  }

  /* ---- the form; drafts are kept on this machine, by alarm and act ---- */
  const inputs = () => [...form().querySelectorAll('[name]')];
  const values = () => Object.fromEntries(inputs().filter((i) => fields(act).includes(i.name)).map((i) => [i.name, i.value]));
  const key = () => 'zhizhi-alarm:' + A.facts().dataset.me + ':' + A.chosen + ':' + act;
  const kept = () => { try { return JSON.parse(localStorage.getItem(key())); } catch (e) { return null; } };
  const forget = () => { try { localStorage.removeItem(key()); } catch (e) { /* nothing was kept */ } };
  function keep() {
    if (!act) return;
    try { localStorage.setItem(key(), JSON.stringify({ ...values(), at: Date.now() })); Z.put(A.slot(form(), 'kept'), A.words.draft); } catch (e) { Z.put(A.slot(form(), 'kept'), ''); }
  }
  function open(name) {
    const at = form();
    act = name;
    errors(at, {});
    inputs().forEach((i) => { A.show(i.closest('.fld'), fields(name).includes(i.name)); i.value = ''; });
    choose(at, name);
    const o = at.querySelector('[name="outcome"]');
    o.selectedIndex = 0;
    at.querySelector('[name="category"]').value = more.category;
    at.querySelector('[name="place"]').selectedIndex = 0;
    Z.put(A.slot(at, 'act'), A.words.acts[name]);
    const typed = kept();
    if (typed) inputs().forEach((i) => { if (typed[i.name] !== undefined) i.value = typed[i.name]; });
    Z.put(A.slot(at, 'kept'), typed ? Z.fill(A.words.draft_again, { time: Z.hm(typed.at) }) : '');
    A.show(at, true);
    at.querySelector(FIELDS[name].includes('reason') ? '[name="reason"]' : '[name="' + FIELDS[name][0] + '"]').focus();
  }
  function choose(at, name) {
    const select = at.querySelector('[name="minutes"]'), most = name === 'shelve' ? more.shelf_s / 60 : Infinity;
    const all = at.dataset[name === 'shelve' ? 'shelf' : 'service'].split(';').map((x) => x.split('='));
    select.replaceChildren(...all.filter(([n]) => Number(n) <= most).map(([n, word]) => new Option(word, n)));
  }
  A.leave = () => {
    if (!act) return false;
    act = null;
    const at = form();
    if (at.contains(document.activeElement)) document.activeElement.blur();
    A.show(at, false);
    return true;
  };
  addEventListener('input', (e) => {
    const at = A.facts() && e.target.closest && e.target.closest('#' + ID.form);
    if (!at) return;
    keep();
    const f = e.target.closest('.fld');
    if (f) { f.classList.remove('bad'); Z.put(f.querySelector('[data-error]'), ''); }
  });
  addEventListener('submit', (e) => { if (A.facts() && e.target.id === ID.form) { e.preventDefault(); submit(); } });
  addEventListener('keydown', (e) => {
    const at = A.facts() && e.target.closest && e.target.closest('#' + ID.form);
    if (at && e.key === 'Enter' && !e.isComposing && (e.ctrlKey || e.metaKey)) { e.preventDefault(); submit(); }
  });
  async function submit() {
    const at = form();
    if (!act || at.dataset.busy) return;
    at.dataset.busy = '1';
    keep();
    note(at, A.words.sending);
    const name = act;
    let done = false;
    try { done = await send(name, values(), at); } finally { delete at.dataset.busy; }
    if (!done) return;
    if (act === name) { forget(); A.leave(); }
  }
})();
