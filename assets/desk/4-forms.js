/* The chosen case and the two forms. What is typed is kept on this machine until it is sent. */
'use strict';
(function () {
  const Z = window.zhizhi, D = Z.desk, ID = D.ID;
  const form = (name) => document.querySelector('form[data-form="' + name + '"]');
  const show = (at, on) => at && at.classList.toggle('off', !on);
  let more = null, open = null, fresh = null; // more: what the server said of the chosen case; open: the form that is open

  /* ---- the chosen case ---- */
  function card(row) {
    const at = Z.el(ID.card);
    if (!at) return;
    show(at.querySelector('.choose'), !row);
    show(at.querySelector('.chosen'), !!row);
    if (!row) return;
    const w = D.words, set = (key, text) => { const s = D.slot(at, key); if (s) { Z.put(s, text || ''); show(s.closest('dl > div'), !!text); } };
    const badge = D.slot(at, 'level');
    if (badge.dataset.level !== String(row.level)) {
      badge.dataset.level = row.level;
      badge.replaceChildren();
      if (w.shapes[row.level]) { const i = new Image(); i.src = w.shapes[row.level]; i.className = 'shape'; i.alt = row.level; badge.append(i, w.levels[row.level]); }
    }
    set('title', row.title); set('state', row.word); set('number', row.no); set('kind', row.kind);
    set('place', row.place + (row.address ? ' · ' + row.address : ''));
    set('at', row.said_at + ' · ' + (row.seen ? w.seen : w.unseen));
    set('due', row.due_at); set('has', row.has + (row.led ? '' : ' · ' + w.platform)); set('marks', row.marks.join(' · '));
    set('body', more && more.no === row.no ? more.body : '');
    buttons(at, row);
  }
  function buttons(at, row) {
    const place = D.slot(at, 'acts');
    if (!place) return;
    const allowed = more && more.no === row.no ? more.allowed : [], wanted = Object.keys(D.words.acts).filter((a) => allowed.includes(a) && !(a === 'acknowledge' && row.seen));
    const sign = wanted.join();
    if (place.dataset.sign === sign) return;
    place.dataset.sign = sign;
    place.replaceChildren(...wanted.map((act) => {
      const b = document.createElement('button'), key = { acknowledge: 'a', dispatch: 'd', take_lead: 't' }[act];
      b.type = 'button'; b.className = 'btn'; b.dataset.act = act; b.textContent = D.words.acts[act];
      if (key) { const k = document.createElement('kbd'); k.textContent = key; b.append(k); }
      return b;
    }));
  }
  let looking = null, wait = null;
  function look(no) {
    clearTimeout(wait);
    wait = setTimeout(async () => {
      if (looking) looking.abort();
      const mine = (looking = new AbortController());
      try {
        const found = await D.get('/desk/case/' + encodeURIComponent(no) + '?lang=' + D.root().lang, mine.signal);
        if (mine !== looking || D.chosen !== no) return;
        more = found.no === no ? found : null;
        card(D.row(no));
        dispatchEvent(new CustomEvent('desk-more', { detail: no }));
      } catch (e) { /* the card stays as the list has it */ }
    }, 120);
  }
  addEventListener('desk-chosen', (e) => { const row = e.detail || D.row(D.chosen); card(row); if (row) look(row.no); });
  addEventListener('desk-rows', (e) => { if (D.chosen && e.detail.changed.includes(D.chosen)) { const row = D.row(D.chosen); if (row) { card(row); look(row.no); } } });
  addEventListener('desk-gone', (e) => { D.chosen = null; card(null); if (open !== 'dispatch') D.say(Z.fill(D.words.gone, { no: e.detail })); });
  addEventListener('click', (e) => {
    const b = D.root() && e.target.closest && e.target.closest('[data-act]');
    if (b) b.dataset.act === 'dispatch' ? D.dispatch() : D.quick(b.dataset.act);
  });

  /* ---- acts without words ---- */
  D.quick = (act) => {
    const row = D.row(D.chosen);
    if (!row) return D.say(D.words.choose_first);
    return send(row.no, act, row.v, {}, null);
  };
  async function send(no, act, v, fields, at) {
    let answer;
    try { answer = await D.post('/desk/act', { no, act, v, fields }); } catch (e) { fail(at, e); return false; }
    if (answer.done) {
      D.moved.add(no);
      if (answer.row && D.row(no)) D.apply([answer.row], [no]);
      D.load([no]); // whether it still belongs to the view the server says
      setTimeout(() => D.moved.delete(no), 4000);
      D.say(answer.done);
      return true;
    }
    if (answer.conflict) {
      if (answer.row && D.row(no)) D.apply([answer.row], [no]);
      clash(at, answer.conflict);
      if (at) at.dataset.v = answer.v;
    } else if (answer.errors) errors(at, answer.errors);
    else refuse(at, answer.refused || D.words.failed);
    return false;
  }
  const fail = (at, e) => { const text = D.words[e.kind] || D.words.failed; at ? note(at, text) : D.say(text, true); };
  function note(at, text) {
    const place = D.slot(at, 'clash');
    place.replaceChildren();
    if (text) { const p = document.createElement('p'); p.textContent = text; place.append(p); }
  }
  const refuse = (at, text) => (at ? note(at, text) : D.say(text, true));
  function clash(at, said) {
    if (!at) return D.say([said.said, ...said.lines].join('\n'), true);
    note(at, said.said);
    const list = document.createElement('ul');
    said.lines.forEach((line) => { const li = document.createElement('li'); li.textContent = line; list.append(li); });
    D.slot(at, 'clash').append(list);
  }
  function errors(at, found) {
    at.querySelectorAll('[data-error]').forEach((span) => { const text = found[span.dataset.error] || ''; Z.put(span, text); span.closest('.fld').classList.toggle('bad', !!text); });
    const other = Object.keys(found).filter((k) => !at.querySelector('[data-error="' + k + '"]')).map((k) => found[k]);
    note(at, other.join(' '));
    const first = at.querySelector('.fld.bad [name]');
    if (first) first.focus();
  }

  /* ---- what is typed ---- */
  const inputs = (at) => [...at.querySelectorAll('[name]')];
  const values = (at) => Object.fromEntries(inputs(at).map((i) => [i.name, i.value]));
  const write = (input, value) => { if (input.tagName === 'INPUT') Z.set(input.id, { value }); else input.value = value; };
  const key = (at) => 'zhizhi-draft:' + D.root().dataset.me + ':' + at.dataset.form + (at.dataset.no ? ':' + at.dataset.no : '');
  const kept = (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch (e) { return null; } };
  function keep(at) {
    const typed = { ...values(at), point: at.dataset.form === 'new' ? D.at : undefined, again: at.dataset.again, v: at.dataset.v, open: open === at.dataset.form, at: Date.now() };
    try { localStorage.setItem(key(at), JSON.stringify(typed)); Z.put(D.slot(at, 'kept'), D.words.draft); } catch (e) { Z.put(D.slot(at, 'kept'), ''); }
  }
  const forget = (at) => { try { localStorage.removeItem(key(at)); } catch (e) { /* nothing was kept */ } };
  addEventListener('input', (e) => { const at = D.root() && e.target.closest && e.target.closest('form[data-form]'); if (at) { keep(at); unsay(e.target); } });
  addEventListener('change', (e) => { const at = D.root() && e.target.closest && e.target.closest('form[data-form]'); if (at) { keep(at); unsay(e.target); } });
  function unsay(input) { const f = input.closest('.fld'); if (f) { f.classList.remove('bad'); Z.put(f.querySelector('[data-error]'), ''); } }
  function fill(at, typed) {
    inputs(at).forEach((i) => { if (typed[i.name] !== undefined) write(i, typed[i.name]); });
    Z.put(D.slot(at, 'kept'), typed.at ? Z.fill(D.words.draft_again, { time: Z.hm(typed.at) }) : '');
  }
  function empty(at) {
    inputs(at).forEach((i) => write(i, ''));
    errors(at, {});
    note(at, '');
    Z.put(D.slot(at, 'kept'), '');
  }
  function opened(name) {
    open = name;
    show(form('new'), name === 'new');
    show(form('dispatch'), name === 'dispatch');
    show(Z.el(ID.card), !name);
    D.picking = name === 'new';
    D.root().classList.toggle('picking', D.picking);
    dispatchEvent(new Event('desk-point'));
  }
  /* Leaving a form keeps what was typed; returns whether one was open. */
  D.leave = () => {
    if (!open) return false;
    const at = form(open), was = kept(key(at));
    if (was) try { localStorage.setItem(key(at), JSON.stringify({ ...was, open: false })); } catch (e) { /* as it was */ }
    if (at.contains(document.activeElement)) document.activeElement.blur();
    opened(null);
    card(D.row(D.chosen));
    return true;
  };

  /* ---- dispatch ---- */
  D.dispatch = async () => {
    const row = D.row(D.chosen), at = form('dispatch');
    if (!row) return D.say(D.words.choose_first);
    empty(at);
    at.dataset.no = row.no;
    at.dataset.v = row.v;
    Z.put(D.slot(at, 'no'), row.no + ' · ' + row.title);
    Z.put(D.slot(at, 'why'), D.words.looking);
    opened('dispatch');
    const typed = kept(key(at));
    if (typed) fill(at, typed);
    at.querySelector('input[name="reason"]').focus();
    if (!more || more.no !== row.no) {
      try { more = await D.get('/desk/case/' + encodeURIComponent(row.no) + '?lang=' + D.root().lang); } catch (e) { return fail(at, e); }
    }
    if (at.dataset.no !== row.no || !more) return;
    Z.put(D.slot(at, 'why'), more.proposal.why);
    if (!(typed && typed.department)) at.querySelector('[name="department"]').value = more.proposal.department;
    if (!more.allowed.includes('dispatch')) note(at, more.not_dispatch);
  };

  /* ---- a case by hand ---- */
  D.fresh = () => {
    const at = form('new'), typed = kept(key(at));
    if (!at) return;
    if (open === 'new') return at.querySelector('[name]').focus();
    empty(at);
    D.at = (typed && typed.point) || null;
    if (typed && typed.again) at.dataset.again = '1'; else delete at.dataset.again;
    at.querySelector('[name="channel"]').selectedIndex = 0;
    if (typed) fill(at, typed);
    pointed(at);
    opened('new');
    at.querySelector('[name]').focus();
  };
  D.point = (point) => {
    const at = form('new');
    D.at = point;
    pointed(at);
    keep(at);
    dispatchEvent(new Event('desk-point'));
  };
  function pointed(at) {
    Z.put(D.slot(at, 'point'), D.at ? Z.fill(D.words.point, { lon: D.at[0].toFixed(4), lat: D.at[1].toFixed(4) }) : '');
    show(at.querySelector('[data-do="unpoint"]'), !!D.at);
  }

  /* ---- sending ---- */
  addEventListener('submit', (e) => {
    const at = D.root() && e.target.closest('form[data-form]');
    if (at) { e.preventDefault(); submit(at); }
  });
  addEventListener('keydown', (e) => {
    const at = D.root() && e.target.closest && e.target.closest('form[data-form]');
    if (!at || e.key !== 'Enter' || e.isComposing) return;
    if ((e.ctrlKey || e.metaKey) || (at.dataset.form === 'dispatch' && e.target.matches('select'))) { e.preventDefault(); submit(at); } else if (at.dataset.form === 'new' && e.target.matches('input,select')) e.preventDefault();
  });
  async function submit(at) {
    if (at.dataset.busy) return;
    at.dataset.busy = '1';
    keep(at);
    note(at, D.words.sending);
    const typed = values(at);
    let done = false;
    try { done = at.dataset.form === 'dispatch' ? await send(at.dataset.no, 'dispatch', Number(at.dataset.v), typed, at) : await report(at, typed); }
    finally { delete at.dataset.busy; }
    if (!done) return keep(at);
    forget(at);
    empty(at);
    opened(null);
    card(fresh || D.row(D.chosen));
    fresh = null;
    document.activeElement.blur();
  }
  async function report(at, typed) {
    let answer;
    try { answer = await D.post('/desk/report', { ...typed, point: D.at, again: !!at.dataset.again }); } catch (e) { at.dataset.again = '1'; fail(at, e); return false; }
    delete at.dataset.again;
    if (answer.errors) { errors(at, answer.errors); return false; }
    if (!answer.done) { refuse(at, answer.refused || D.words.failed); return false; }
    D.at = null;
    D.say(answer.done);
    if (answer.row) await D.settled([answer.row.no]);
    fresh = answer.row && !D.chooseNo(answer.row.no) ? answer.row : null; // made, but not of this view
    return true;
  }
  addEventListener('desk-ready', () => {
    const at = form('new'), typed = at && kept(key(at));
    if (typed && typed.open) D.fresh();
  });
})();
