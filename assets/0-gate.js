/* Each question of a page carries the token of its session: another site's page cannot know it.
   Dash's renderer does so by itself; this does it for every other script of ours. */
(function () {
  'use strict';
  const HEADER = 'X-CSRFToken';
  const ask = window.fetch;
  if (!ask || ask.guarded) return;

  function token() {
    const found = /(?:^|;\s*)(?:__Host-)?zhizhi-page=([0-9a-f]{40})/.exec(document.cookie);
    return found ? found[1] : '';
  }

  function guarded(what, more) {
    const options = more || {};
    const method = (options.method || (what instanceof Request ? what.method : 'GET')).toUpperCase();
    const home = new URL(what instanceof Request ? what.url : String(what), location.href).origin === location.origin;
    if (!home || method === 'GET' || method === 'HEAD' || !token()) return ask.call(window, what, more);
    const headers = new Headers(options.headers || (what instanceof Request ? what.headers : undefined));
    if (!headers.has(HEADER)) headers.set(HEADER, token());
    return ask.call(window, what, Object.assign({}, options, { headers: headers }));
  }

  guarded.guarded = true;
  window.fetch = guarded;
})();
