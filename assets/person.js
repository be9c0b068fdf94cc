/* Who is signed in: a hand that moves keeps the session, a push does not; its end is said, and what was typed stays. */
'use strict';
(function () {
  const EVERY = 60000, block = () => document.querySelector('.who[data-who]');
  let moved = 0, told = 0, ends = 0, known = null;

  function say(words, again) {
    const page = document.querySelector('.wall-root');
    if (!page || page.querySelector('.session-end')) return;
    const box = document.createElement('div'), link = document.createElement('a');
    box.className = 'session-end';
    box.setAttribute('role', 'alert');
    link.textContent = again;
    link.href = '/login?' + new URLSearchParams({ said: 'ended', next: location.pathname + location.search });
    link.target = '_blank'; // a new tab: this one keeps what was typed
    link.rel = 'opener';
    box.append(words + ' ', link);
    page.append(box);
  }
  const unsay = () => { const box = document.querySelector('.session-end'); if (box) box.remove(); };
  const ended = () => { const at = block(); if (at) say(at.dataset.ended, at.dataset.again); };

  async function ask() {
    const at = block();
    if (!at) return;
    told = Date.now();
    let answer;
    try { answer = await fetch('/login/alive', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }); } catch (e) { return; }
    if (answer.status === 401) return ended();
    if (!answer.ok) return;
    const is = await answer.json();
    ends = Date.now() + is.left * 1000;
    if (is.id !== at.dataset.who) return say(at.dataset.other, at.dataset.again);
    unsay();
  }

  const hand = () => { moved = Date.now(); if (block() && moved - told > EVERY) ask(); };
  for (const what of ['keydown', 'pointerdown', 'wheel', 'touchstart']) addEventListener(what, hand, { passive: true, capture: true });
  addEventListener('focus', () => { if (document.querySelector('.session-end')) ask(); });

  setInterval(() => {
    const at = block();
    if (!at) return;
    if (at !== known) { known = at; told = Date.now(); ends = told + Number(at.dataset.left) * 1000; }
    if (Date.now() > ends && !document.querySelector('.session-end')) ended();
  }, 1000);

  /* Whatever this page asks: an answer that nobody is signed in is said at once. */
  const real = window.fetch;
  window.fetch = async function (...given) {
    const answer = await real.apply(this, given);
    const url = typeof given[0] === 'string' ? given[0] : (given[0] && given[0].url) || '';
    if (answer.status === 401 && !/\/(api|login)\//.test(url)) ended();
    return answer;
  };
})();
