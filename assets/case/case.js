/* The page of a case in the browser: forms open and close, drafts outlive a reload, the page follows the desk. */
'use strict';
(function () {
  const Z = window.zhizhi, PANEL = 'desk', MANY = 50, PATIENCE = 9000, OLD = 30 * 86400e3;
  const ID = { root: 'case', no: 'case-no', nudge: 'case-nudge', busy: 'case-busy', said: 'case-said', acts: 'case-acts', version: 'case-version' };
  const root = () => Z.el(ID.root);
  const words = () => JSON.parse(root().dataset.words);
  const forms = () => [...document.querySelectorAll('.casep .form[data-act]')];
  const open = () => forms().find((f) => !f.classList.contains('off'));
  let waiting = null, asking = null, nudges = 0;

  /* ---- drafts: one key a person, case and act, in this browser only ---- */
  const key = (act) => 'zhizhi-draft:' + root().dataset.me + ':' + root().dataset.no + ':' + act;
  const texts = (form) => [...form.querySelectorAll('.fld textarea, .fld input[type="text"], .fld input[type="datetime-local"]')];
  const nameOf = (box) => box.closest('.fld').dataset.field;
  const stored = (act) => { try { return JSON.parse(localStorage.getItem(key(act)) || 'null'); } catch (e) { return null; } };
  function keep(form) {
    const act = form.dataset.act, typed = {};
    texts(form).forEach((box) => { if (box.value && box.value !== box.dataset.given) typed[nameOf(box)] = box.value; });
    try {
      if (Object.keys(typed).length) localStorage.setItem(key(act), JSON.stringify({ at: Date.now(), typed }));
      else localStorage.removeItem(key(act));
    } catch (e) { /* full or forbidden: the field itself still holds the text */ }
    Z.put(form.querySelector('.draft'), Object.keys(typed).length ? words().kept : '');
  }
  const forget = (act) => { try { localStorage.removeItem(key(act)); } catch (e) { /* forbidden */ } };
  function restore(form) {
    texts(form).forEach((box) => { if (box.dataset.given === undefined) box.dataset.given = box.value; });
    const found = stored(form.dataset.act);
    if (!found) return;
    texts(form).forEach((box) => {
      const text = found.typed[nameOf(box)];
      if (text !== undefined && text !== box.value) fill(box, text);
    });
    Z.put(form.querySelector('.draft'), Z.fill(words().restored, { time: Z.hm(found.at) }));
  }
  function fill(box, text) { // as if it were typed: Dash hears it
    const proto = box.tagName === 'TEXTAREA' ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype;
    Object.getOwnPropertyDescriptor(proto, 'value').set.call(box, text);
    box.dispatchEvent(new Event('input', { bubbles: true }));
    box.dispatchEvent(new Event('change', { bubbles: true }));
  }
  const picks = (form) => form.querySelectorAll('.picked').forEach((p) => { p.querySelector('select').value = p.querySelector('input').value; });
  function sweep() { // drafts of other cases do not stay for ever
    try {
      for (const k of Object.keys(localStorage)) {
        if (!k.startsWith('zhizhi-draft:')) continue;
        if (Date.now() - (JSON.parse(localStorage.getItem(k)) || {}).at > OLD) localStorage.removeItem(k);
      }
    } catch (e) { /* forbidden */ }
  }

  /* ---- letters left ---- */
  function count(box) {
    const field = box.closest('.fld[data-limit]');
    if (!field) return;
    const limit = Number(field.dataset.limit), n = [...box.value].length, over = n > limit;
    let mark = field.querySelector('.count');
    if (!mark) { mark = document.createElement('span'); mark.className = 'count'; field.append(mark); }
    mark.classList.toggle('bad', over);
    Z.put(mark, n > limit * 0.8 ? Z.fill(over ? words().over : words().count, { n, limit }) : '');
  }

  /* ---- forms ---- */
  function busy() { Z.keep(ID.busy, { data: !!open() }); }
  function show(act) {
    forms().forEach((f) => f.classList.toggle('off', f.dataset.act !== act));
    document.querySelectorAll('.casep [data-open]:not([data-fill])').forEach((b) => b.setAttribute('aria-expanded', String(b.dataset.open === act)));
    const form = open();
    if (form) {
      restore(form);
      picks(form);
      const first = form.querySelector('.fld textarea, .fld select, .fld input:not([type=hidden]):not(.mirrored), .send');
      (first || form).focus();
      form.scrollIntoView({ block: 'nearest' });
    }
    busy();
  }
  function close() {
    const form = open();
    if (!form) return;
    const opener = document.querySelector('.casep .doing [data-open="' + form.dataset.act + '"]');
    form.classList.add('off');
    if (opener) { opener.setAttribute('aria-expanded', 'false'); opener.focus(); }
    busy();
    if (behind()) setTimeout(again, 50);
  }
  function given(opener) { // a form that begins with what the button names
    show(opener.dataset.open);
    const form = open();
    if (!form) return;
    for (const [field, value] of Object.entries(JSON.parse(opener.dataset.fill))) {
      const box = form.querySelector('[data-field="' + field + '"]'), one = box && box.querySelector('input[type="radio"][value="' + value + '"]');
      if (one) one.click(); else if (box) fill(box.querySelector('input,textarea'), value);
    }
  }
  const behind = () => { const note = document.querySelector('.casep .doing .moved'); return note && !note.classList.contains('off'); };

  function offer() { // what this person may not do is not offered
    document.querySelectorAll('.casep [data-fill]').forEach((b) => b.classList.toggle('off', !forms().some((f) => f.dataset.act === b.dataset.open)));
  }
  addEventListener('click', (e) => {
    if (!root() || !e.target.closest) return;
    const opener = e.target.closest('.casep [data-open]');
    if (opener && opener.dataset.fill) return given(opener);
    if (opener) return opener.getAttribute('aria-expanded') === 'true' ? close() : show(opener.dataset.open);
    if (e.target.closest('.casep .cancel')) return close();
    if (e.target.closest('.casep .doprint')) return print();
    const send = e.target.closest('.casep .send');
    if (send) sending(send.closest('.form'));
  });
  addEventListener('input', (e) => {
    if (!root() || !e.target.closest || !e.target.closest('.casep .form')) return;
    keep(e.target.closest('.form'));
    count(e.target);
  });
  addEventListener('change', (e) => {
    if (!root() || !e.target.matches || !e.target.matches('.casep select.pick')) return;
    fill(e.target.closest('.picked').querySelector('input'), e.target.value);
  });
  addEventListener('keydown', (e) => {
    if (!root() || e.isComposing) return;
    if (e.key === 'Escape') { if (open()) { e.preventDefault(); close(); } return; }
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) { const f = open(); if (f) { e.preventDefault(); f.querySelector('.send').click(); } return; }
    if (e.target.matches('input,textarea,select,[contenteditable]') || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === 'n') { const b = document.querySelector('.casep [data-open="note"]'); if (b) { e.preventDefault(); b.click(); } }
    if (e.key === 'p') { e.preventDefault(); print(); }
  });

  /* ---- sending: the server answers, or it is said that it did not ---- */
  function sending(form) {
    keep(form);
    const button = form.querySelector('.send'), told = form.querySelector('.told');
    form.classList.add('sending');
    button.setAttribute('aria-busy', 'true');
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      unsend(form);
      let box = form.querySelector('.lost-note');
      if (!box) { box = document.createElement('p'); box.className = 'lost-note'; box.setAttribute('role', 'alert'); told.after(box); }
      Z.put(box, words().unanswered);
    }, PATIENCE);
  }
  function unsend(form) {
    clearTimeout(waiting);
    if (!form) return;
    form.classList.remove('sending');
    form.querySelector('.send').removeAttribute('aria-busy');
    const box = form.querySelector('.lost-note');
    if (box) box.remove();
  }
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    zhizhiCase: {
      answered(_all, nudge) {
        const same = window.dash_clientside.no_update;
        const hit = (window.dash_clientside.callback_context.triggered || []).find((t) => t.value);
        if (!hit) return same;
        const told = hit.value, form = forms().find((f) => f.dataset.act === told.act);
        unsend(form);
        if (told.done === null || told.done === undefined) {
          if (told.conflict) setTimeout(again, 50);
          return same;
        }
        forget(told.act);
        if (form) { form.classList.add('off'); texts(form).forEach((box) => fill(box, box.dataset.given || '')); forget(told.act); }
        Z.keep(ID.busy, { data: false });
        Z.set(ID.said, { children: told.words });
        setTimeout(() => Z.set(ID.said, { children: '' }), 6000);
        nudges = Math.max(nudges, nudge || 0) + 1;
        return nudges;
      },
    },
  });

  /* ---- the page follows the desk: asked again only when this case moved ---- */
  function again() { nudges += 1; Z.keep(ID.nudge, { data: nudges }); }
  async function look() {
    asking = null;
    if (!root()) return;
    const no = root().dataset.no;
    let answer;
    try { answer = await fetch('/case/' + encodeURIComponent(no) + '/version', { cache: 'no-store' }); } catch (e) { return; }
    if (!answer.ok) return;
    const is = (await answer.json()).version;
    if (is === null || String(is) === Z.el(ID.version).textContent) return;
    const note = document.querySelector('.casep .doing .moved');
    if (open() && note) { note.classList.remove('off'); Z.put(note, words().moved); }
    again();
  }
  let told = null;
  addEventListener('zhizhi-panel', (e) => {
    if (!root() || e.detail.panel !== PANEL) return;
    const set = e.detail.set || {}, change = Object.values(set).map((p) => p.data).find((d) => d && d.cases);
    const before = told;
    told = change || null;
    if (change && before) { // so many numbers are told; if all of them are new, there were more
      const last = change.cases[change.cases.length - 1], more = change.cases.length >= MANY && !before.cases.includes(last);
      if (!more && !change.cases.includes(root().dataset.no)) return;
    }
    if (!asking) asking = setTimeout(look, 20 + Math.random() * 80);
  });
  addEventListener('online', () => root() && look());
  document.addEventListener('visibilitychange', () => { if (root() && !document.hidden) look(); });

  /* ---- paper: whatever way it is printed, it is the light page ---- */
  let wasPaper = false;
  addEventListener('beforeprint', () => { const r = root(); if (!r) return; wasPaper = r.classList.contains('paper'); r.classList.add('paper'); document.querySelectorAll('.casep details').forEach((d) => { d.dataset.was = d.open ? '1' : ''; d.open = true; }); });
  addEventListener('afterprint', () => { const r = root(); if (!r) return; if (!wasPaper) r.classList.remove('paper'); document.querySelectorAll('.casep details').forEach((d) => { d.open = d.dataset.was === '1' || r.classList.contains('paper'); }); });
  const ready = setInterval(() => {
    if (!root() || !Z.mounted()) return;
    clearInterval(ready);
    sweep();
    const foot = document.createElement('style'); // every sheet says whose it is, and that it is a demo
    foot.textContent = '@media print{@page{@bottom-left{content:' + JSON.stringify(root().dataset.sheet) + ';font:9pt sans-serif;color:#4A5560}}}';
    document.head.append(foot);
    offer();
    new MutationObserver(offer).observe(root(), { childList: true, subtree: true });
    if (root().classList.contains('paper')) document.querySelectorAll('.casep details').forEach((d) => { d.open = true; });
  }, 100);
})();
