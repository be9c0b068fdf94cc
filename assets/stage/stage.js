/* The stage's page in the browser: follows the panel; a form in use is left alone until it was sent. */
'use strict';
(function () {
  const Z = window.zhizhi, ID = { root: 'stagep', nudge: 'stagep-nudge', anew: 'stagep-anew', forms: 'stagep-forms', said: 'stagep-said' };
  let first = 0, gone = null;
  const used = () => {
    const forms = Z.el(ID.forms);
    if (!forms) return false;
    const typed = [...forms.querySelectorAll('textarea, input:not([type=radio]):not([type=datetime-local])')].some((box) => box.value);
    return typed || forms.contains(document.activeElement) || !!forms.querySelector('details[open]');
  };
  addEventListener('zhizhi-panel', (e) => {
    if (!Z.el(ID.root) || e.detail.panel !== 'stage') return;
    if (first && e.detail.rev > first) {
      if (!document.querySelector('.stagep .rules')) Z.keep(ID.nudge, { data: Date.now() });
      if (!used()) Z.keep(ID.anew, { data: Date.now() });
    }
    first = Math.max(first, e.detail.rev);
  });
  setInterval(() => { // hold times go on without a push
    if (Z.el(ID.root) && document.querySelector('.stagep .holds') && !document.hidden) Z.keep(ID.nudge, { data: Date.now() });
  }, 20000);
  new MutationObserver(() => {
    const box = Z.el(ID.said);
    if (!box || !box.textContent) return;
    clearTimeout(gone);
    gone = setTimeout(() => Z.set(ID.said, { children: '' }), 9000);
  }).observe(document, { childList: true, subtree: true, characterData: true });
})();
