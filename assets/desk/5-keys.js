/* The desk without a mouse. Keys do nothing while somebody types. */
'use strict';
(function () {
  const Z = window.zhizhi, D = Z.desk, ID = D.ID;
  const FIELDS = 'input,textarea,select,[contenteditable="true"]';
  const shut = (id) => { const at = Z.el(id), open = at && !at.classList.contains('off'); if (open) at.classList.add('off'); return open; };
  const step = (by) => { const at = D.index(); D.choose(at === null ? (by > 0 ? 0 : Infinity) : at + by); };
  const MOVES = {
    j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
    PageDown: () => step(15), PageUp: () => step(-15), Home: () => D.choose(0), End: () => D.choose(Infinity),
    Enter: () => D.open(D.chosen),
    '/': () => Z.el(ID.text).focus(),
    '?': () => Z.el(ID.help).classList.toggle('off'),
  };
  const ACTS = { a: () => D.quick('acknowledge'), t: () => D.quick('take_lead'), d: () => D.centre() && D.dispatch(), n: () => D.centre() && D.fresh() };

  function escape(e) {
    if (shut(ID.help)) return;
    if (e.target.matches(FIELDS) && e.target.id === ID.text) return e.target.blur();
    if (D.leave && D.leave()) return;
    if (e.target.matches(FIELDS)) e.target.blur();
  }
  addEventListener('keydown', (e) => {
    if (!D.root() || !D.api || e.isComposing) return;
    if (e.key === 'Escape') { e.stopImmediatePropagation(); return escape(e); }
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.matches(FIELDS)) { if (e.key === 'Enter' && e.target.id === ID.text) { e.preventDefault(); e.target.blur(); step(1); } return; }
    if (e.key === 'Enter' && e.target.matches('button,a')) return;
    if (!Z.el(ID.help).classList.contains('off') && e.key !== '?') return;
    const key = e.key.length === 1 ? e.key.toLowerCase() : e.key, what = MOVES[key] || (D.acting() && ACTS[key]);
    if (!what) return;
    e.preventDefault();
    what();
  }, true);
  addEventListener('click', (e) => {
    const at = D.root() && e.target.closest && e.target.closest('[data-do]');
    if (!at) return;
    const does = {
      clear: () => D.go(D.query({ ...D.view(), domain: '', area: '', dept: '', q: '', state: [], level: [], left: [], only: [] })),
      new: () => D.fresh(), leave: () => D.leave(), 'close-help': () => shut(ID.help), open: () => D.open(D.chosen), unpoint: () => D.point(null),
    }[at.dataset.do];
    if (does) { e.preventDefault(); does(); }
  });
  addEventListener('click', (e) => { if (e.target.id === ID.help) shut(ID.help); });
})();
