/* The sources page in the browser: ages tick, states are judged here too, filters stay in the address. */
'use strict';
(function () {
  const Z = window.zhizhi, ID = { root: 'board', nudge: 'board-nudge', language: 'language-link', said: 'board-said' };
  const root = () => Z.el(ID.root);
  let asked = '', first = 0, words = null, owed = false;

  /* The same rule as data/indicators/freshness.py, so that a dead collector cannot look fresh. */
  function state(d, heard, now) {
    if (!heard) return 'never';
    const age = now - heard;
    if (age > d.stale) return 'silent';
    if (Number(d.failures) >= 2 && heard <= Number(d.heard)) return 'failed';
    return age > Math.max(2 * d.every + 15, 60) ? 'late' : 'fresh';
  }
  const ago = (seconds) => {
    const s = Math.max(0, Math.round(seconds));
    return Z.fill(words.ago, { t: s < 60 ? Z.fill(words.seconds, { n: s }) : Z.span(s) });
  };

  function tick() {
    const page = root();
    if (!page || !Z.mounted()) return;
    words = words || JSON.parse(page.dataset.states);
    const now = Z.now() / 1000, judged = [];
    let newest = 0;
    document.querySelectorAll('tr[data-source]').forEach((row) => {
      const d = row.dataset, heard = Math.max(Number(d.heard), Z.heard(d.source)), is = state(d, heard, now);
      newest = Math.max(newest, heard);
      judged.push(d.source + is);
      const cell = row.querySelector('.num');
      if (heard > Number(d.heard)) Z.put(cell.querySelector('.hm'), Z.hm(heard * 1000));
      Z.put(cell.querySelector('.ago'), heard ? ago(now - heard) : '');
      if (is !== d.now) {
        d.now = is;
        const mark = row.querySelector('.sst');
        row.className = row.className.replace(/\bis-\w+/, 'is-' + is);
        mark.className = 'sst s-' + is;
        Z.put(mark, words[is]);
      }
    });
    const place = document.querySelector('.fig [data-newest]');
    if (place) {
      newest = Math.max(newest, Number(place.dataset.newest));
      if (newest) { Z.put(place, ago(now - newest)); Z.put(document.querySelector('.fig .newest'), Z.hm(newest * 1000)); }
    }
    const differs = [...document.querySelectorAll('tr[data-source]')].some((r) => r.dataset.now !== r.dataset.state);
    const sign = judged.join();
    if (owed && Z.state().trouble === '') again();
    if (differs && sign !== asked && Z.state().trouble === '') { asked = sign; again(); }
  }

  /* The server counts again only when a state changed: here, or in what it published. */
  function again() {
    owed = typing();
    if (!owed) Z.keep(ID.nudge, { data: Date.now() });
  }

  /* The forms come anew with the count: it waits while something is typed there that is not sent. */
  const typed = new WeakSet();
  const typing = () => [...document.querySelectorAll('#board .bd input, #board .bd textarea')]
    .some((box) => typed.has(box) && box.value !== '');
  addEventListener('input', (e) => { if (root() && !e.target.closest('.find')) typed.add(e.target); }, true);
  addEventListener('zhizhi-panel', (e) => {
    if (!root() || e.detail.panel !== 'sources') return;
    if (first && e.detail.rev > first) again();
    first = Math.max(first, e.detail.rev);
  });

  /* Self-checks are looked at again while they are shown and nobody types a name. */
  setInterval(() => {
    if (!root() || !document.querySelector('[data-again]') || document.hidden || Z.state().trouble !== '') return;
    const at = document.activeElement;
    if (!at || !at.matches('input')) again();
  }, 15000);

  /* A search is a new address, without loading the page again. */
  const go = (url) => { history.pushState({}, '', url); dispatchEvent(new CustomEvent('_dashprivate_pushstate')); };
  addEventListener('submit', (e) => {
    if (!root() || !e.target.matches('.find')) return;
    e.preventDefault();
    const url = new URL(location.href), q = e.target.querySelector('input').value.trim();
    if (q) url.searchParams.set('q', q); else url.searchParams.delete('q');
    go(url);
  });
  addEventListener('click', (e) => { // the other language keeps the view
    const link = e.target.closest && e.target.closest('#' + ID.language);
    if (!link || !root()) return;
    const url = new URL(location.href);
    url.searchParams.set('lang', link.lang);
    link.href = url.href;
  }, true);
  addEventListener('keydown', (e) => {
    if (!root() || e.target.matches('input,textarea')) return;
    if (e.key === '/') { const box = document.querySelector('.find input'); if (box) { e.preventDefault(); box.focus(); } }
  });
  let quiet = null;
  new MutationObserver(() => {
    tick();
    const said = [ID.said, 'screen-said'].filter((id) => Z.el(id) && Z.el(id).textContent);
    if (said.length && !quiet) quiet = setTimeout(() => { quiet = null; said.forEach((id) => Z.set(id, { children: '' })); }, 8000);
  }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-source', 'data-heard'] });
  setInterval(tick, 1000);
})();
