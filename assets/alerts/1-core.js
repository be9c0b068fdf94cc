/* The alarm console: which view, which rows, and how they change without losing selection or scroll. */
'use strict';
(function () {
  const Z = window.zhizhi, A = (Z.alerts = { counts: null, pages: 1, api: null, chosen: null, row: null, open: new Set(), place: 0 });
  const ID = (A.ID = {
    root: 'alerts', facts: 'alerts-facts', grid: 'alerts-grid', side: 'alerts-side', one: 'alerts-one', form: 'alerts-form', help: 'alerts-help',
    total: 'alerts-total', more: 'alerts-more', said: 'alerts-said', text: 'alerts-text', flood: 'alerts-flood', language: 'language-link',
  });
  const SETS = ['state', 'priority'], FACETS = ['area', 'domain', 'rule', 'situation', ...SETS, 'q'];
  const AGAIN = 30000, SOON = 700;
  A.facts = () => Z.el(ID.facts);
  A.lang = () => Z.el(ID.root).lang;
  A.all = (selector) => [...document.querySelectorAll(selector)];
  A.slot = (at, key) => at.querySelector('[data-said="' + key + '"]');
  A.number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, '\u2009');
  A.acting = () => !!(A.facts() && A.facts().dataset.acting);
  A.show = (at, on) => at && at.classList.toggle('off', !on);

  /* ---- the view is the address ---- */
  A.view = () => {
    const q = new URLSearchParams(location.search), view = {};
    for (const f of FACETS) view[f] = SETS.includes(f) ? (q.get(f) || '').split(',').filter(Boolean) : q.get(f) || '';
    return view;
  };
  A.query = (view) => {
    const q = new URLSearchParams();
    for (const f of FACETS) {
      const value = SETS.includes(f) ? [...view[f]].sort().join(',') : view[f];
      if (value) q.set(f, value);
    }
    return q.toString();
  };
  function address(query, alarm) {
    const url = new URL(location.href), keep = ['lang', 'at'].map((k) => [k, url.searchParams.get(k)]);
    url.search = query;
    if (alarm) url.searchParams.set('alarm', alarm);
    keep.forEach(([k, v]) => v && url.searchParams.set(k, v));
    return url;
  }
  A.go = (query, quiet) => {
    const url = address(query, A.chosen);
    if (url.search !== location.search) history[quiet ? 'replaceState' : 'pushState']({}, '', url);
    shown();
  };
  A.change = (facet, value, quiet) => A.go(A.query({ ...A.view(), [facet]: value }), quiet);
  A.named = () => { const n = Number(new URLSearchParams(location.search).get('alarm')); return Number.isInteger(n) && n > 0 ? n : null; };
  A.note = () => { history.replaceState({}, '', address(A.query(A.view()), A.chosen)); language(); };
  function shown() {
    A.pages = 1;
    paintFilters();
    A.load();
  }
  addEventListener('popstate', () => {
    if (!A.facts() || !A.api) return;
    shown();
    const named = A.named();
    if (named && named !== A.chosen) A.look(named);
  });
  function language() {
    const link = Z.el(ID.language);
    if (!link) return;
    const url = address(A.query(A.view()), A.chosen);
    url.searchParams.set('lang', link.lang);
    Z.set(ID.language, { href: url.search });
  }
  function paintFilters() {
    const view = A.view();
    A.all('.chip[data-facet]').forEach((chip) => {
      const on = view[chip.dataset.facet].includes(chip.dataset.value);
      chip.classList.toggle('on', on);
      chip.setAttribute('aria-pressed', String(on));
    });
    A.all('select[data-choice]').forEach((select) => {
      select.value = view[select.dataset.choice] || '';
      select.classList.toggle('on', !!select.value);
    });
    const box = Z.el(ID.text);
    if (box && document.activeElement !== box && box.value !== view.q) Z.set(ID.text, { value: view.q });
    A.all('[data-do="clear"]').forEach((b) => A.show(b, !!A.query(view)));
    A.all('[data-do="every-situation"]').forEach((b) => A.show(b, !!view.situation));
    language();
  }
  addEventListener('click', (e) => {
    const chip = A.facts() && e.target.closest && e.target.closest('.chip[data-facet]');
    if (!chip) return;
    const view = A.view(), { facet, value } = chip.dataset;
    A.change(facet, view[facet].includes(value) ? view[facet].filter((v) => v !== value) : [...view[facet], value]);
  });
  addEventListener('change', (e) => { if (A.facts() && e.target.matches('select[data-choice]')) A.change(e.target.dataset.choice, e.target.value); });
  let typing = null;
  addEventListener('input', (e) => {
    if (!A.facts() || e.target.id !== ID.text) return;
    clearTimeout(typing);
    typing = setTimeout(() => A.change('q', e.target.value.trim().replace(/\s+/g, ' '), true), 250);
  });

  /* ---- rows: always the whole view; a newer question overtakes an older one ---- */
  let asking = null, asked = 0;
  A.load = async () => {
    if (!A.api) return;
    if (asking) asking.abort();
    const mine = (asking = new AbortController()), query = new URLSearchParams(A.query(A.view()));
    query.set('lang', A.lang());
    query.set('pages', A.pages);
    if (A.open.size) query.set('open', [...A.open].join(','));
    try {
      const answer = await A.get('/alerts/rows?' + query, mine.signal);
      if (mine !== asking) return;
      asked = Date.now();
      A.apply(answer.rows);
      A.count(answer.counts, answer.now);
      A.banner(answer.told);
    } catch (e) { /* the next change, or half a minute, asks again */ }
    finally { if (mine === asking) asking = null; }
  };
  A.busy = () => !!asking;

  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  A.node = (id) => (A.api && id ? A.api.getRowNode(String(id)) : null);
  A.rows = () => { const found = []; if (A.api) A.api.forEachNodeAfterFilterAndSort((n) => found.push(n.data)); return found; };
  A.apply = (rows) => {
    const add = [], update = [], coming = new Set(rows.map((r) => r.id));
    rows.forEach((r) => { const old = A.node(r.id); if (!old) add.push(r); else if (!same(old.data, r)) update.push(r); });
    const remove = A.rows().filter((r) => !coming.has(r.id));
    if (!add.length && !update.length && !remove.length) return;
    const back = anchor(), before = A.index();
    if (before !== null) A.place = before;
    A.api.applyTransaction({ add, update, remove });
    back();
    const here = A.node(A.chosen);
    if (here && !here.isSelected()) here.setSelected(true, true); // it came back into the view
    if (remove.some((r) => r.id === A.chosen)) A.say(Z.fill(A.words.gone, { title: A.row ? A.row.one : '' }));
    const now = here ? here.data : null;
    if (A.chosen && (!now || !A.row || now.v !== A.row.v)) A.look(A.chosen, true);
  };
  /* What stands first on the screen stays where it is, whatever comes above it. At the top the newest is seen. */
  function anchor() {
    const box = document.querySelector('#' + ID.grid + ' .ag-body-viewport') || document.querySelector('#' + ID.grid + ' .ag-grid-viewport');
    if (!box || box.scrollTop < 4) return () => {};
    const top = box.scrollTop;
    let first = null;
    A.api.forEachNodeAfterFilterAndSort((n) => { if (!first && n.rowTop + n.rowHeight > top) first = n; });
    if (!first) return () => {};
    const off = top - first.rowTop;
    return () => { const now = A.api.getRowNode(first.id); if (now && now.rowTop !== null) box.scrollTop = now.rowTop + off; };
  }
  A.index = () => { const node = A.node(A.chosen); return node ? node.rowIndex : null; };
  A.step = (by) => { const at = A.index(); A.choose(at === null ? (by > 0 ? A.place : A.place - 1) : at + by); };
  A.choose = (index) => {
    const node = A.api.getDisplayedRowAtIndex(Math.max(0, Math.min(index, A.api.getDisplayedRowCount() - 1)));
    if (!node) return;
    A.look(node.data.id);
    A.api.ensureNodeVisible(node);
  };
  A.fold = (group, wanted) => {
    const on = wanted === undefined ? !A.open.has(group) : wanted;
    if (on === A.open.has(group)) return;
    if (on) A.open.add(group); else A.open.delete(group);
    A.api.refreshCells({ force: true, columns: ['what'] });
    A.load();
  };

  /* ---- counts, banners ---- */
  A.count = (counts, now) => {
    if (!counts) return;
    A.counts = counts;
    A.all('.chip[data-facet] > b').forEach((b) => {
      const { facet, value } = b.parentElement.dataset, n = (counts[facet] || {})[value] || 0;
      Z.put(b, A.number(n));
      b.parentElement.classList.toggle('zero', !n);
    });
    const heads = A.rows().filter((r) => !r.u).length, rest = Math.max(0, counts.groups - heads), w = A.words;
    Z.put(Z.el(ID.total), Z.fill(rest ? w.shown : w.total, { n: A.number(counts.total), groups: A.number(counts.groups), shown: A.number(heads) }));
    const more = Z.el(ID.more);
    A.show(more, !!rest);
    Z.put(more, Z.fill(w.more, { n: A.number(Math.min(500, rest)) }));
    if (now) Z.put(A.slot(document, 'asof'), Z.fill(w.asof, { time: Z.hm(now * 1000) }));
  };
  A.banner = (told) => ['flood', 'undelivered'].forEach((key) => {
    const at = A.slot(Z.el(ID.flood), key);
    Z.put(at, told[key]);
    A.show(at, !!told[key]);
  });
  addEventListener('click', (e) => { if (A.facts() && e.target.id === ID.more) { A.pages += 1; A.load(); } });

  /* ---- what the store says by itself ---- */
  let soon = null;
  addEventListener('zhizhi-panel', (e) => {
    if (!A.api || e.detail.panel !== 'alarms') return;
    const wait = Math.max(60, SOON - (Date.now() - asked)); // a flood asks not more often than somebody can read
    if (!soon) soon = setTimeout(() => { soon = null; A.load(); }, wait);
  });
  let troubled = false;
  setInterval(() => {
    if (!A.api || document.hidden) return;
    const trouble = Z.state().trouble !== '';
    if (!trouble && (troubled || Date.now() - asked > AGAIN)) { A.load(); if (A.chosen) A.look(A.chosen, true); }
    troubled = trouble;
  }, 1000);
  document.addEventListener('visibilitychange', () => { if (!document.hidden && A.api && Date.now() - asked > 5000) A.load(); });

  /* ---- asking the server ---- */
  class Trouble extends Error { constructor(kind) { super(kind); this.kind = kind; } }
  async function ask(path, options) {
    let answer;
    try { answer = await fetch(path, { credentials: 'same-origin', ...options }); } catch (e) { if (e.name === 'AbortError') throw e; throw new Trouble('not_sent'); }
    if (answer.status === 401) { A.say(A.words.signed_out, true); throw new Trouble('signed_out'); }
    try { return await answer.json(); } catch (e) { throw new Trouble('failed'); }
  }
  A.get = (path, signal) => ask(path, { signal, cache: 'no-store' });
  A.post = (path, body) => ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ ...body, lang: A.lang() }) });
  let quiet = null;
  A.say = (text, stays) => {
    Z.set(ID.said, { children: text });
    clearTimeout(quiet);
    if (!stays) quiet = setTimeout(() => Z.set(ID.said, { children: '' }), 6000);
  };

  /* ---- start ---- */
  async function start() {
    if (!A.facts() || A.api || !Z.el(ID.grid)) return;
    const facts = A.facts().dataset;
    A.words = JSON.parse(facts.words);
    const api = await window.dash_ag_grid.getApiAsync(ID.grid);
    if (A.api) return;
    A.api = api;
    asked = Date.now();
    api.addEventListener('rowClicked', (e) => {
      if (e.event && e.event.target.closest && e.event.target.closest('.fold')) return A.fold(e.data.g);
      A.look(e.data.id);
    });
    api.addEventListener('rowDoubleClicked', () => A.enter());
    choices(JSON.parse(facts.choices));
    api.applyTransaction({ add: JSON.parse(facts.rows) });
    A.facts().removeAttribute('data-rows');
    paintFilters();
    A.count(JSON.parse(facts.counts), Number(facts.now));
    const named = A.named();
    if (named) A.look(named); else if (A.rows().length) A.look(A.rows()[0].id, true);
    dispatchEvent(new Event('alerts-ready'));
  }
  /* The longer choices are no components: Dash takes a millisecond for each. */
  function choices(found) {
    const option = ([code, word]) => new Option(word, code);
    A.all('select[data-fill]').forEach((select) => (found[select.dataset.fill] || []).forEach(([first, second]) => {
      if (!Array.isArray(second)) return select.append(option([first, second]));
      const group = document.createElement('optgroup');
      group.label = first;
      group.append(...second.map(option));
      select.append(group);
    }));
  }
  const waiting = setInterval(() => {
    if (!Z.mounted()) return;
    if (!A.facts()) return clearInterval(waiting);
    if (window.dash_ag_grid && Z.el(ID.grid)) { clearInterval(waiting); start(); }
  }, 50);
})();
