/* Each open wall tells the server that it lives: who, which page, which build, when it last painted.
   What counts as painted is a frame of the browser in which the page's clock shows the right minute:
   a timer that still runs behind a picture that stands still does not look alive. */
'use strict';
(function () {
  const EVERY = 15000, WALL = 'map-figure', KEY = 'zhizhi-screen';
  const born = performance.now();
  let painted = born, base = '';

  function who() {
    try {
      const kept = localStorage.getItem(KEY);
      if (kept && /^[A-Za-z0-9-]{8,40}$/.test(kept)) return kept;
      const bytes = crypto.getRandomValues(new Uint8Array(12));
      const made = 'd-' + Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
      localStorage.setItem(KEY, made);
      return made;
    } catch (e) { return null; } // without a place to keep it each reload would be another display
  }
  const id = who();
  const live = () => document.getElementById('live');
  const wall = () => !!document.getElementById(WALL) && !new URLSearchParams(location.search).has('at');

  function right() { // whether the clock on the glass shows this minute or the one just over
    const Z = window.zhizhi, clock = document.querySelector('#clock .hm');
    if (!Z || !Z.mounted() || !clock) return false;
    return [0, 1500].some((ago) => clock.textContent === Z.hm(Z.now() - ago));
  }
  function frame() { requestAnimationFrame(() => { if (right()) painted = performance.now(); }); }

  const size = (css) => Math.min(Math.max(Math.round(css * devicePixelRatio), 1), 32767);
  function word(closed) {
    const memory = performance.memory ? Math.round(performance.memory.usedJSHeapSize / 1e5) / 10 : null;
    return JSON.stringify({
      id, closed, page: (location.pathname + location.search).slice(0, 120), build: (live() && live().dataset.build || '').slice(0, 40),
      painted: Math.round(performance.now() - painted) / 1000, memory, w: size(innerWidth), h: size(innerHeight),
    });
  }
  let told = false;
  function beat() {
    if (!id || !wall() || document.hidden) return;
    told = true;
    base = base || new URL(document.querySelector('script[src*="/assets/live.js"]').src).pathname.replace(/\/assets\/.*$/, '');
    fetch(base + '/beat', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: word(false), cache: 'no-store', keepalive: true }).catch(() => {});
  }
  function bye() { // somebody closed the page, or looks at another one: not lost
    if (!told) return;
    told = false;
    navigator.sendBeacon(base + '/beat', new Blob([word(true)], { type: 'application/json' }));
  }
  setInterval(frame, 1000);
  setInterval(beat, EVERY);
  setTimeout(beat, 3000);
  addEventListener('pagehide', bye);
  addEventListener('zhizhi-mounted', frame);
  document.addEventListener('visibilitychange', () => (document.hidden ? bye() : (frame(), setTimeout(beat, 1500))));
})();
