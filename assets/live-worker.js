/* One connection to the server for all tabs of a browser (SharedWorker, else one Worker a tab):
   a browser opens at most six HTTP/1.1 connections to a host, and every stream would hold one.
   Streams first, polls in parallel when streams fail, never gives up. A tab gets the frames of its scope only. */
'use strict';
(function () {
  if (typeof window !== 'undefined') return; // loaded into a page by mistake
  const LIVE = new URLSearchParams(self.location.search).get('live') || '/live';
  const SILENCE = 12000, FIRST_WORD = 1800, OPENING = 4000, POLL = 2000, FORGET = 150000, KEPT = 4;
  const tabs = new Map(); // port -> {scope, seen}
  let scopes = [], recent = [], filled = new Set(), frames = {};
  let cursor = -1, high = -1, epoch = '', beat = null, beatAt = 0;
  let stream = null, up = false, lost = false, fails = 0, heard = Date.now();
  let retry = null, verdict = null, polling = null;

  const wanted = () => [...new Set([...tabs.values()].map((t) => t.scope))];
  const tell = (message, scope) => tabs.forEach((t, port) => (!scope || t.scope === scope) && port.postMessage(message));
  const state = () => ({ t: 'state', lost, rev: high });
  const query = (list, rev) => '?scopes=' + list.map(encodeURIComponent).join(',') + '&rev=' + rev + '&epoch=' + encodeURIComponent(epoch);

  function setLost(now) {
    if (now !== lost) { lost = now; tell(state()); }
  }

  /* ---- what the server says ---- */
  function merged(old, fresh) {
    const set = { ...old };
    for (const id of Object.keys(fresh)) set[id] = { ...set[id], ...fresh[id] };
    return set;
  }

  function panel(m) {
    const known = (frames[m.s] = frames[m.s] || {});
    const before = known[m.p];
    if (before && before.rev >= m.rev) return;
    if (m.d && !before) { fill([m.s]); return; } // only what differs, and nothing to lay it on
    known[m.p] = m.d ? { ...m, d: 0, set: merged(before.set, m.set) } : m;
    high = Math.max(high, m.rev);
    tell({ t: 'p', m }, m.s);
  }

  function heartbeat(h) {
    const other = (epoch && h.epoch !== epoch) || h.rev < cursor; // another or a restored store
    epoch = h.epoch; beatAt = Date.now();
    beat = { ...h, known: { ...(beat && beat.known), ...h.known } }; // each answer confirms the areas it was asked for
    if (other) { frames = {}; filled = new Set(); cursor = high = -1; fill(scopes); }
    // Only here: frames of one batch may come in any order, and all of them stand before the heartbeat.
    cursor = Math.min(Math.max(cursor, high), h.rev);
    tell({ t: 'hb', h: beat, at: beatAt });
  }

  function read(text) {
    let rev = -1;
    for (const block of text.split('\n\n')) {
      const data = block.split('\n').filter((l) => l.startsWith('data:')).map((l) => l.slice(5)).join('\n');
      if (!data) continue;
      const said = JSON.parse(data);
      if (/^event: ?hb/m.test(block)) { rev = said.rev; heartbeat(said); } else panel(said);
    }
    return rev;
  }

  async function ask(list, rev) {
    const answer = await fetch(LIVE + '/since' + query(list, rev), { cache: 'no-store', signal: AbortSignal.timeout(4000) });
    if (answer.status === 401) tell({ t: 'login' });
    if (!answer.ok) throw new Error('status ' + answer.status);
    return read(await answer.text());
  }

  async function fill(list) {
    if (!list.length) return;
    try {
      const rev = await ask(list, -1);
      list.forEach((s) => filled.add(s));
      cursor = Math.min(cursor, rev); // an answer from a server process that is behind must not hide what follows
    } catch (e) { /* connect() asks for everything while a scope is not filled */ }
  }

  /* ---- the stream ---- */
  function connect() {
    clearTimeout(retry);
    if (stream) stream.close();
    stream = null; up = false;
    const now = wanted();
    if (!now.length) return;
    scopes = [...new Set([...now, ...recent])].slice(0, Math.max(KEPT, now.length));
    recent = scopes;
    for (const s of Object.keys(frames)) if (!scopes.includes(s)) { delete frames[s]; filled.delete(s); }
    const all = scopes, mine = new EventSource(LIVE + query(all, all.every((s) => filled.has(s)) ? cursor : -1));
    stream = mine;
    const on = (f) => (e) => { if (mine === stream) { alive(); f(JSON.parse(e.data)); } };
    mine.addEventListener('p', on(panel));
    mine.addEventListener('hb', on((h) => { all.forEach((s) => filled.add(s)); heartbeat(h); }));
    mine.onerror = () => failed(mine);
    setTimeout(() => mine === stream && !up && failed(mine), OPENING);
  }

  function alive() {
    up = true; fails = 0; heard = Date.now();
    clearTimeout(verdict); verdict = null;
    clearInterval(polling); polling = null;
    setLost(false);
  }

  function failed(mine) {
    if (mine !== stream) return;
    if (stream) stream.close();
    stream = null; up = false; fails += 1;
    if (fails >= 2) {
      setLost(true);
      if (!polling) { poll(); polling = setInterval(poll, POLL); }
    } else if (!verdict) verdict = setTimeout(() => !up && setLost(true), FIRST_WORD);
    const wait = fails === 1 ? 200 + Math.random() * 300 : Math.min(5000, 500 * 2 ** Math.min(fails - 2, 4)) * (0.5 + Math.random() / 2);
    clearTimeout(retry);
    retry = setTimeout(connect, wait);
  }

  async function poll() {
    const list = wanted();
    if (up || !list.length) return;
    try {
      await ask(list, list.every((s) => filled.has(s)) ? cursor : -1);
      list.forEach((s) => filled.add(s));
      heard = Date.now();
      const back = lost;
      setLost(false);
      if (back) connect();
    } catch (e) { if (!up) setLost(true); }
  }

  /* ---- the tabs ---- */
  function hello(port, scope) {
    const known = tabs.get(port), fresh = !known || known.scope !== scope;
    tabs.set(port, { scope, seen: Date.now() });
    if (!fresh) return;
    port.postMessage(state());
    Object.values(frames[scope] || {}).forEach((m) => port.postMessage({ t: 'p', m }));
    if (beat) port.postMessage({ t: 'hb', h: beat, at: beatAt });
    if (!stream && !retry) connect();
    else if (!scopes.includes(scope) || !filled.has(scope)) fill([scope]).then(connect);
  }

  function join(port) {
    port.onmessage = (e) => {
      const d = e.data;
      if (d.t === 'hello') hello(port, d.scope);
      else if (d.t === 'bye') tabs.delete(port);
      else if (d.t === 'lock' && self.navigator.locks) self.navigator.locks.request(d.name, () => tabs.delete(port));
    };
    if (port.start) port.start();
  }

  setInterval(() => {
    const now = Date.now();
    tabs.forEach((t, port) => now - t.seen > FORGET && tabs.delete(port)); // a forgotten tab that lives says hello again
    if (up && now - heard > SILENCE) { setLost(true); failed(stream); } // half-open connection or frozen server
  }, 1000);

  if ('onconnect' in self) self.onconnect = (e) => join(e.ports[0]);
  else join(self);
})();
