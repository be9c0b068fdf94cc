/* The desk: which view, which rows, and how they change without losing selection or scroll. */
'use strict';
(function () {
  const Z = window.zhizhi, D = (Z.desk = { counts: null, total: 0, told: { seq: 0, cases: [] }, pages: 1, api: null, chosen: null });
  const ID = (D.ID = {
    root: 'desk', grid: 'desk-grid', map: 'desk-map', card: 'desk-card', dispatch: 'desk-dispatch', fresh: 'desk-new', help: 'desk-help',
    views: 'desk-views', total: 'desk-total', more: 'desk-more', said: 'desk-said', text: 'desk-text', changes: 'desk-changes', language: 'language-link',
  });
  const SETS = ['state', 'level', 'left', 'only'], FACETS = ['domain', 'area', 'dept', ...SETS, 'q', 'sort'];
  const AGAIN = 60000, MANY = 50;
  D.root = () => Z.el(ID.root);
  D.all = (selector) => [...document.querySelectorAll(selector)];
  D.slot = (at, key) => at.querySelector('[data-said="' + key + '"]');
  D.number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, '\u2009');
  D.centre = () => !!(D.root() && D.root().dataset.centre);
  D.acting = () => !!(D.root() && D.root().dataset.acting);

  /* ---- the view is the address ---- */
  D.view = () => {
    const q = new URLSearchParams(location.search), view = {};
    for (const f of FACETS) view[f] = SETS.includes(f) ? (q.get(f) || '').split(',').filter(Boolean) : q.get(f) || '';
    return view;
  };
  D.query = (view) => {
    const q = new URLSearchParams();
    for (const f of FACETS) {
      const value = SETS.includes(f) ? [...view[f]].sort().join(',') : view[f];
      if (value && !(f === 'sort' && value === 'level')) q.set(f, value);
    }
    return q.toString();
  };
  D.go = (query, quiet) => {
    const url = new URL(location.href), lang = url.searchParams.get('lang');
    url.search = query;
    if (lang) url.searchParams.set('lang', lang);
    url.search = new URL(Z.kept(url.href)).search;
    if (url.search !== location.search) history[quiet ? 'replaceState' : 'pushState']({}, '', url);
    shown();
  };
  D.change = (facet, value, quiet) => D.go(D.query({ ...D.view(), [facet]: value }), quiet);
  function shown() {
    D.pages = 1;
    paintFilters();
    D.load();
    dispatchEvent(new Event('desk-view'));
  }
  addEventListener('popstate', () => D.root() && D.api && shown());

  function paintFilters() {
    const view = D.view();
    D.all('.chip[data-facet]').forEach((chip) => {
      const on = view[chip.dataset.facet].includes(chip.dataset.value);
      chip.classList.toggle('on', on);
      chip.setAttribute('aria-pressed', String(on));
    });
    D.all('select[data-choice]').forEach((select) => {
      select.value = view[select.dataset.choice] || (select.dataset.choice === 'sort' ? 'level' : '');
      select.classList.toggle('on', select.dataset.choice !== 'sort' && !!select.value);
    });
    const box = Z.el(ID.text);
    if (box && document.activeElement !== box && box.value !== view.q) Z.set(ID.text, { value: view.q });
    D.all('[data-do="clear"]').forEach((b) => b.classList.toggle('off', !D.query({ ...view, sort: '' })));
    const link = Z.el(ID.language), q = D.query(view);
    if (link) Z.set(ID.language, { href: '?lang=' + link.lang + (q ? '&' + q : '') });
  }

  addEventListener('click', (e) => {
    const chip = D.root() && e.target.closest && e.target.closest('.chip[data-facet]');
    if (!chip) return;
    const view = D.view(), { facet, value } = chip.dataset;
    D.change(facet, view[facet].includes(value) ? view[facet].filter((v) => v !== value) : [...view[facet], value]);
  });
  addEventListener('change', (e) => {
    if (D.root() && e.target.matches('select[data-choice]')) D.change(e.target.dataset.choice, e.target.value);
  });
  let typing = null;
  addEventListener('input', (e) => {
    if (!D.root() || e.target.id !== ID.text) return;
    clearTimeout(typing);
    typing = setTimeout(() => D.change('q', e.target.value.trim().replace(/\s+/g, ' '), true), 250);
  });

  /* ---- rows ---- */
  let asking = null, asked = 0, pending = null;
  /* cases: only these changed; without it everything is compared. Newer questions overtake older ones. */
  D.load = async (cases) => {
    if (!D.api) return;
    if (cases && asking) { pending = [...new Set([...(pending || []), ...cases])]; return; }
    if (asking) asking.abort();
    const mine = (asking = new AbortController()), query = new URLSearchParams(D.query(D.view()));
    query.set('lang', D.root().lang);
    if (cases) query.set('cases', cases.join(',')); else query.set('pages', D.pages);
    try {
      const answer = await D.get('/desk/rows?' + query, mine.signal);
      if (mine !== asking) return;
      asked = Date.now();
      if (answer.told.seq >= D.told.seq) D.told = answer.told;
      D.apply(answer.rows, cases, answer.numbers);
      D.count(answer.counts, answer.now);
      if (cases && answer.numbers.some((no) => !D.row(no))) { asking = null; return D.load(); }
    } catch (e) { if (e.name === 'AbortError') return; }
    finally { if (mine === asking) asking = null; }
    if (pending && !asking) { const next = pending; pending = null; D.load(next); }
  };

  /* Load some cases and wait until nothing is asked any more, also of others' changes. */
  D.settled = async (cases) => {
    await D.load(cases);
    for (let i = 0; i < 40 && (asking || pending); i++) await new Promise((go) => setTimeout(go, 50));
  };

  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  D.row = (no) => { const node = D.api && D.api.getRowNode(no); return node ? node.data : null; };
  D.rows = () => { const found = []; if (D.api) D.api.forEachNodeAfterFilterAndSort((n) => found.push(n.data)); return found; };

  /* cases: only these were asked for; numbers: what stands in the list now, if that is known. */
  D.apply = (rows, cases, numbers) => {
    const add = [], update = [], remove = [], coming = new Set(rows.map((r) => r.no));
    rows.forEach((r) => { const old = D.row(r.no); if (!old) add.push(r); else if (!same(old, r)) update.push(r); });
    const stay = numbers && numbers.length ? new Set(numbers) : null, known = D.rows().map((r) => r.no);
    const gone = cases ? known.filter((no) => (cases.includes(no) ? !coming.has(no) : stay && !stay.has(no))) : known.filter((no) => !coming.has(no));
    gone.forEach((no) => remove.push({ no }));
    if (!add.length && !update.length && !remove.length) return;
    const back = anchor(), index = D.index();
    D.api.applyTransaction({ add: cases ? add.filter(within) : add, update, remove });
    back();
    if (gone.includes(D.chosen)) left(D.chosen, index);
    dispatchEvent(new CustomEvent('desk-rows', { detail: { changed: [...coming, ...gone] } }));
  };
  /* While only the first rows are shown, one that belongs further down is not put among them. */
  function within(row) {
    const shown = D.rows();
    return shown.length >= D.total || !shown.length || D.order(row, shown[shown.length - 1]) < 0;
  }
  /* What stands first on the screen stays where it is, whatever comes above it. */
  function anchor() {
    const box = document.querySelector('#' + ID.grid + ' .ag-body-viewport') || document.querySelector('#' + ID.grid + ' .ag-grid-viewport');
    if (!box || box.scrollTop < 4) return () => {};
    const top = box.scrollTop;
    let first = null;
    D.api.forEachNodeAfterFilterAndSort((n) => { if (!first && n.rowTop + n.rowHeight > top) first = n; });
    if (!first) return () => {};
    const off = top - first.rowTop;
    return () => { const now = D.api.getRowNode(first.id); if (now && now.rowTop !== null) box.scrollTop = now.rowTop + off; };
  }
  D.index = () => { const node = D.chosen && D.api.getRowNode(D.chosen); return node ? node.rowIndex : null; };
  D.choose = (index) => {
    const node = D.api.getDisplayedRowAtIndex(Math.max(0, Math.min(index, D.api.getDisplayedRowCount() - 1)));
    if (!node) return;
    D.chosen = node.data.no; // at once: the grid tells of a selection only a moment later, and the next key may act
    node.setSelected(true, true);
    D.api.ensureNodeVisible(node);
  };
  D.chooseNo = (no) => {
    const node = D.api && D.api.getRowNode(no);
    if (!node) return false;
    D.chosen = no;
    node.setSelected(true, true);
    D.api.ensureNodeVisible(node, 'middle');
    return true;
  };
  /* The chosen case left the view. Where the hand did it the next one is taken; else it is only said. */
  D.moved = new Set();
  function left(no, index) {
    if (D.moved.delete(no) && index !== null && D.api.getDisplayedRowCount()) return D.choose(index);
    dispatchEvent(new CustomEvent('desk-gone', { detail: no }));
  }

  /* ---- counts ---- */
  D.count = (counts, now) => {
    if (!counts) return;
    D.counts = counts;
    D.total = counts.total;
    D.all('.chip[data-facet] > b').forEach((b) => {
      const { facet, value } = b.parentElement.dataset, n = (counts[facet] || {})[value] || 0;
      Z.put(b, D.number(n));
      b.parentElement.classList.toggle('zero', !n);
    });
    const shown = D.api ? D.api.getDisplayedRowCount() : 0, rest = Math.max(0, counts.total - shown), w = D.words;
    Z.put(Z.el(ID.total), Z.fill(rest ? w.shown : w.total, { n: D.number(counts.total), shown: D.number(shown), overdue: D.number(counts.overdue) }));
    const more = Z.el(ID.more);
    more.classList.toggle('off', !rest);
    Z.put(more, Z.fill(w.more, { n: D.number(Math.min(500, rest)) }));
    const asof = D.slot(document, 'asof');
    if (now) Z.put(asof, Z.fill(w.asof, { time: Z.hm(now * 1000) }));
    dispatchEvent(new Event('desk-counts'));
  };
  addEventListener('click', (e) => { if (D.root() && e.target.id === ID.more) { D.pages += 1; D.load(); } });

  /* ---- what others did ---- */
  addEventListener('zhizhi-panel', (e) => {
    const change = D.root() && e.detail.panel === 'desk' && e.detail.set && e.detail.set[ID.changes];
    if (change) D.follow(change.data);
  });
  D.follow = (change) => {
    if (!D.api || change.seq <= D.told.seq) return;
    const before = D.told.cases, last = change.cases[change.cases.length - 1];
    const all = change.cases.length >= MANY && !before.includes(last); // more moved than are named
    D.told = change;
    D.load(all ? undefined : change.cases);
  };
  let troubled = false;
  setInterval(() => {
    if (!D.api || document.hidden || Z.replaying()) return;
    const trouble = Z.state().trouble !== '';
    if (!trouble && (troubled || Date.now() - asked > AGAIN)) D.load(); // time passes: what was later is now overdue
    troubled = trouble;
  }, 1000);
  document.addEventListener('visibilitychange', () => { if (!document.hidden && D.api && !Z.replaying() && Date.now() - asked > 5000) D.load(); });

  /* ---- asking the server ---- */
  class Trouble extends Error { constructor(kind) { super(kind); this.kind = kind; } }
  async function ask(path, options) {
    let answer;
    try { answer = await fetch(path, { credentials: 'same-origin', ...options }); } catch (e) { if (e.name === 'AbortError') throw e; throw new Trouble('not_sent'); }
    if (answer.status === 401) { D.say(D.words.signed_out, true); throw new Trouble('signed_out'); }
    try { return await answer.json(); } catch (e) { throw new Trouble('failed'); }
  }
  D.get = (path, signal) => ask(path, { signal, cache: 'no-store' });
  D.post = (path, body) => ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ ...body, lang: D.root().lang }) });

  let quiet = null;
  D.say = (text, stays) => {
    Z.set(ID.said, { children: text });
    clearTimeout(quiet);
    if (!stays) quiet = setTimeout(() => Z.set(ID.said, { children: '' }), 6000);
  };

  /* ---- start ---- */
  async function start() {
    if (!D.root() || D.api || !Z.el(ID.grid)) return;
    D.words = JSON.parse(D.root().dataset.words);
    D.told = JSON.parse(D.root().dataset.told);
    const api = await window.dash_ag_grid.getApiAsync(ID.grid);
    if (D.api) return;
    D.api = api;
    asked = Date.now();
    api.addEventListener('selectionChanged', () => {
      const found = api.getSelectedRows()[0];
      D.chosen = found ? found.no : D.chosen;
      dispatchEvent(new CustomEvent('desk-chosen', { detail: found || null }));
    });
    api.addEventListener('rowDoubleClicked', (e) => D.open(e.data.no));
    choices();
    begin();
    api.applyTransaction({ add: JSON.parse(D.root().dataset.rows) });
    D.root().removeAttribute('data-rows');
    paintFilters();
    D.count(JSON.parse(D.root().dataset.counts), Z.now() / 1000);
    dispatchEvent(new Event('desk-ready'));
  }
  /* The longer choices are no components: Dash takes a millisecond for each. */
  function choices() {
    const found = JSON.parse(D.root().dataset.choices), option = ([code, word]) => new Option(word, code);
    D.all('select[data-fill]').forEach((select) => (found[select.dataset.fill] || []).forEach(([first, second]) => {
      if (!Array.isArray(second)) return select.append(option([first, second]));
      const group = document.createElement('optgroup');
      group.label = first;
      group.append(...second.map(option));
      select.append(group);
    }));
  }
  /* Somebody's own first view is not in the address yet. */
  function begin() {
    const own = D.root().dataset.query;
    if (!own || D.query(D.view())) return;
    const url = new URL(location.href), lang = url.searchParams.get('lang');
    url.search = own;
    if (lang) url.searchParams.set('lang', lang);
    url.search = new URL(Z.kept(url.href)).search;
    history.replaceState({}, '', url);
  }
  D.open = (no) => { if (no) location.href = Z.kept('/case/' + encodeURIComponent(no) + '?lang=' + D.root().lang); };
  const waiting = setInterval(() => {
    if (!Z.mounted()) return;
    if (!D.root()) return clearInterval(waiting);
    if (window.dash_ag_grid && Z.el(ID.grid)) { clearInterval(waiting); start(); }
  }, 50);
})();
