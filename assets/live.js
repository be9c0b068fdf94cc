/* Page side of the live wall: shows what is pushed, and says by itself when it is old.
   Freshness is judged here, by the server's clock, so that a dead server cannot look alive. */
'use strict';
(function () {
  const ID = { live: 'live', banner: 'live-banner', area: 'area', areaName: 'area-name', areaHome: 'area-home', language: 'language-link', map: 'map-figure', drawer: 'drawer' };
  const SCRIPT = document.currentScript ? document.currentScript.src : '/assets/live.js';
  const el = (id) => document.getElementById(id);
  const queue = [], ttl = {}, panels = {}, pings = 20000;
  let page = null, words = {}, areas = {}, area = '', home = '', lang = '', scope = '', base = '';
  let port = null, offset = 0, asof = {}, confirmed = {}, good = null, dbOk = true, lost = false, rev = -1;
  let drawn = {}; // panel -> revision that the page came with
  let lastBeat = null, lastWord = Date.now(), reloading = false;
  const born = Date.now();

  let replay = null; // ms: the page looks back to this instant, its clock stands there and nothing is pushed
  const now = () => (replay !== null ? replay : Date.now() + offset); // ms, by the server's clock
  const root = () => page.parentElement; // whichever page this is, its banner stands right in it
  const mounted = () => page && window.dash_clientside && window.dash_clientside.set_props;
  const set = (id, props) => el(id) && window.dash_clientside.set_props(id[0] === '{' ? JSON.parse(id) : id, props);
  const keep = (id, props) => window.dash_clientside.set_props(id, props); // a dcc.Store has no element
  const put = (node, text) => { if (node && node.textContent !== text) node.textContent = text; };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, k) => (k in values ? values[k] : all));

  function hm(ms) {
    return new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms);
  }
  function span(seconds) {
    const m = Math.floor(seconds / 60);
    if (m < 120) return fill(words.minutes, { n: m });
    return m < 2880 ? fill(words.hours, { n: Math.floor(m / 60) }) : fill(words.days, { n: Math.floor(m / 1440) });
  }

  /* ---- frames ---- */
  function frame(m) {
    if (m.s !== scope) return;
    ttl[m.p] = m.ttl; panels[m.p] = m.rev; rev = Math.max(rev, m.rev);
    const stands = drawn[m.p] === m.rev && !m.d;
    delete drawn[m.p];
    if (!stands) for (const id in m.set) {
      const props = m.set[id];
      set(id, id === ID.map && props.figure ? { ...props, figure: zhizhi.scaled(props.figure) } : props);
    }
    document.querySelectorAll('[data-panel="' + m.p + '"]').forEach((n) => n.classList.remove('pending'));
    setTimeout(paint, 0);
    dispatchEvent(new CustomEvent('zhizhi-panel', { detail: { panel: m.p, rev: m.rev, set: m.set } }));
  }

  function beat(h, at) {
    lastBeat = at; offset = h.now * 1000 - at; asof = h.asof || {}; confirmed = h.known || {}; dbOk = h.db !== false; rev = Math.max(rev, h.rev);
    if (dbOk) good = (h.ok_at || h.now) * 1000;
    if (h.build && page && h.build !== page.dataset.build) renew(h.build);
    paint();
  }

  /* Reload once for each new build, never in a circle: the build asked for is remembered over the reload. */
  function renew(build) {
    if (reloading) return;
    try {
      if (sessionStorage.getItem('zhizhi-build') === build) return;
      sessionStorage.setItem('zhizhi-build', build);
    } catch (e) { return; }
    reloading = true;
    setTimeout(() => location.reload(), 500 + Math.random() * 19500);
  }

  function again(why, everySeconds) {
    try {
      const last = Number(sessionStorage.getItem('zhizhi-' + why) || 0);
      if (Date.now() - last < everySeconds * 1000) return;
      sessionStorage.setItem('zhizhi-' + why, String(Date.now()));
    } catch (e) { return; }
    location.reload();
  }

  /* ---- what is old is called old ---- */
  function trouble() {
    if (replay !== null) return '';
    const silent = Date.now() - lastWord > 15000;
    if (lost || silent) return 'server_lost';
    if (lastBeat === null) return Date.now() - born > 5000 ? 'server_lost' : '';
    return dbOk ? '' : 'store_lost';
  }

  function paint() {
    if (!mounted()) return;
    const word = trouble(), at = root(), seconds = now() / 1000;
    at.classList.toggle('lost', word !== '');
    at.classList.toggle('lost-server', word === 'server_lost');
    at.classList.toggle('lost-store', word === 'store_lost');
    const shown = good || Number(page.dataset.now) * 1000;
    put(el(ID.banner), word ? words[word] + ' · ' + fill(words.since, { time: hm(shown) }) : '');
    const held = confirmed[area] || {}; // an unchanged value is not pushed again, only confirmed
    if (lastBeat !== null || word || replay !== null) document.querySelectorAll('.k[data-ttl]').forEach((tile) => {
      const known = Math.max(Number(tile.dataset.knownAt), held[JSON.parse(tile.id).code] || 0), old = known > 0 && seconds - known > Number(tile.dataset.ttl);
      tile.classList.toggle('stale', old);
      const said = tile.querySelector('.late'), age = span(seconds - known);
      put(tile.querySelector('.age'), !old ? '' : said ? age : fill(words.tile, { age }));
    });
    document.querySelectorAll('[data-panel]').forEach((node) => {
      const p = node.dataset.panel, at = asof[scope + '/' + p] || asof[p], old = !!(at && ttl[p] && seconds - at > ttl[p]);
      node.classList.toggle('stale', old);
      const place = node.querySelector('.ph .age') || (node.matches('.ft,.hstage') && node.querySelector('.age'));
      if (place) put(place, old ? fill(words.late, { age: span(seconds - at) }) : '');
    });
  }

  /* ---- which area ---- */
  function setArea(code, fromHistory) {
    if (!areas[code] || code === area || !mounted()) return;
    area = code; scope = lang + ':' + code; drawn = {};
    document.querySelectorAll('[data-panel]').forEach((n) => n.classList.add('pending')); // old area's values must not stand under the new name
    const url = new URL(location.href), other = new URL(el(ID.language).href);
    if (code === home) url.searchParams.delete('area'); else url.searchParams.set('area', code);
    other.searchParams.set('area', code);
    if (!fromHistory) history.pushState({}, '', url);
    keep(ID.area, { data: code });
    set(ID.areaName, { children: code === home ? words.overview : areas[code] });
    set(ID.areaHome, { className: code === home ? 'home off' : 'home' });
    set(ID.language, { href: other.search });
    set(ID.drawer, { className: 'drawer' });
    say();
  }
  addEventListener('popstate', () => setArea(new URLSearchParams(location.search).get('area') || home, true));

  /* ---- the worker ---- */
  const say = () => (replay !== null ? dispatchEvent(new Event('zhizhi-area')) : port && port.postMessage({ t: 'hello', scope }));
  function heard(e) {
    const d = e.data;
    lastWord = Date.now();
    if (d.t === 'p') mounted() ? frame(d.m) : queue.push(d.m);
    else if (d.t === 'hb') beat(d.h, d.at);
    else if (d.t === 'state') { lost = d.lost; paint(); }
    else if (d.t === 'login') again('login', 60);
  }
  function start() {
    const url = new URL('live-worker.js', SCRIPT);
    url.search = new URLSearchParams({ v: page.dataset.build, live: base + '/live' }).toString();
    try {
      const shared = new SharedWorker(url, 'zhizhi-live');
      port = shared.port;
      shared.onerror = () => { port = new Worker(url); port.onmessage = heard; say(); };
    } catch (e) { port = new Worker(url); }
    port.onmessage = heard;
    say();
    setInterval(say, pings);
    addEventListener('pagehide', () => port.postMessage({ t: 'bye' }));
    addEventListener('pageshow', (e) => e.persisted && say());
    document.addEventListener('visibilitychange', () => { say(); paint(); });
    if (navigator.locks) {
      const name = 'zhizhi-tab-' + Math.random().toString(36).slice(2);
      navigator.locks.request(name, () => { port.postMessage({ t: 'lock', name }); return new Promise(() => {}); });
    }
  }

  function mount() {
    const found = el(ID.live);
    if (!found || !window.dash_clientside || !window.dash_clientside.set_props) return false;
    const d = found.dataset;
    page = found; words = JSON.parse(d.words); areas = JSON.parse(d.areas); area = d.area; home = d.home; lang = d.lang;
    drawn = JSON.parse(d.revisions || '{}');
    if (d.at) replay = Number(d.at) * 1000;
    scope = lang + ':' + area + (d.only ? ':' + d.only : ''); offset = Number(d.now) * 1000 - Date.now();
    base = new URL(SCRIPT).pathname.replace(/\/assets\/.*$/, '');
    if (found.dataset.live) base = found.dataset.live.replace(/\/live$/, '');
    if (replay === null) start();
    while (queue.length) frame(queue.shift());
    dispatchEvent(new Event('zhizhi-mounted'));
    return true;
  }
  const waiting = setInterval(() => { if (mount()) clearInterval(waiting); }, 50);
  setTimeout(() => { // Dash did not mount although the server answers (plotly/dash #3971)
    if (!page && document.querySelector('._dash-loading')) fetch(location.href, { cache: 'no-store' }).then((r) => r.ok && again('mount', 60), () => {});
  }, 20000);
  setInterval(paint, 1000);

  const zhizhi = (window.zhizhi = {
    ID, el, root, set, keep, put, fill, now, hm, span, setArea, mounted,
    heard: (key) => (confirmed[area] || {})[key] || 0,
    words: () => words,
    home: () => home,
    area: () => area,
    replaying: () => replay !== null,
    kept(href) { // an address of this house, at the instant this page looks back to
      const at = new URLSearchParams(location.search).get('at'), url = new URL(href, location.href);
      if (at) url.searchParams.set('at', at);
      return url.href;
    },
    standAt: (ms) => { replay = ms; paint(); },
    show: (m) => frame(m),
    base: () => base,
    scaled: (figure) => figure,
    state: () => ({ connected: lastBeat !== null && !lost, rev, lastBeat, stale: trouble() !== '', scope, trouble: trouble(), panels: { ...panels } }),
  });
})();
