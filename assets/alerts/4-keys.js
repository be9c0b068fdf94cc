/* The alarm console without a mouse. Keys do nothing while somebody types. */
'use strict';
(function () {
  const Z = window.zhizhi, A = Z.alerts, ID = A.ID;
  const FIELDS = 'input,textarea,select,[contenteditable="true"]';
  const shut = (id) => { const at = Z.el(id), open = at && !at.classList.contains('off'); if (open) at.classList.add('off'); return open; };
  const fold = (on) => { const node = A.node(A.chosen); if (node && (node.data.n || node.data.u || A.open.has(node.data.g))) A.fold(node.data.g, on); };
  const MOVES = {
    j: () => A.step(1), ArrowDown: () => A.step(1), k: () => A.step(-1), ArrowUp: () => A.step(-1),
    PageDown: () => A.step(12), PageUp: () => A.step(-12), Home: () => A.choose(0), End: () => A.choose(Infinity),
    ArrowRight: () => fold(true), ArrowLeft: () => fold(false), Enter: () => A.enter(),
    '/': () => Z.el(ID.text).focus(), '?': () => Z.el(ID.help).classList.toggle('off'),
  };
  const ACTS = { a: () => A.act('acknowledge'), s: () => A.act('shelve'), n: () => A.act('note'), c: () => A.act('make_case') };

  function escape(e) {
    if (shut(ID.help)) return;
    if (e.target.matches(FIELDS) && e.target.id === ID.text) return e.target.blur();
    if (A.leave()) return;
    if (e.target.matches(FIELDS) || e.target.closest('#' + ID.side)) e.target.blur();
  }
  addEventListener('keydown', (e) => {
    if (!A.facts() || !A.api || e.isComposing) return;
    if (e.key === 'Escape') { e.stopImmediatePropagation(); return escape(e); }
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.matches(FIELDS)) { if (e.key === 'Enter' && e.target.id === ID.text) { e.preventDefault(); e.target.blur(); A.choose(0); } return; }
    if (e.key === 'Enter' && e.target.matches('button,a')) return;
    if (!Z.el(ID.help).classList.contains('off') && e.key !== '?') return;
    const inside = e.target.closest('#' + ID.one);
    if (inside && ['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End'].includes(e.key)) return; // it scrolls
    const key = e.key.length === 1 ? e.key.toLowerCase() : e.key, what = MOVES[key] || (A.acting() && ACTS[key]);
    if (!what) return;
    e.preventDefault();
    what();
  }, true);
  addEventListener('click', (e) => {
    const at = A.facts() && e.target.closest && e.target.closest('[data-do]');
    if (!at) return;
    const does = { clear: () => A.go(''), 'every-situation': () => A.change('situation', ''), leave: () => A.leave(), 'close-help': () => shut(ID.help) }[at.dataset.do];
    if (does) { e.preventDefault(); does(); }
  });
  addEventListener('click', (e) => { if (e.target.id === ID.help) shut(ID.help); });
})();
