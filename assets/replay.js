/* Under a REPLAY band: moving in time, playing, and links that keep the instant. Nothing is pushed here;
   a wall asks for ready panels, one instant ahead while it plays; other pages are opened anew. */
'use strict';
(function () {
  const Z = window.zhizhi, MINUTE = 60e3, HOUR = 36e5, DAY = 864e5, EAST = 8 * HOUR, KEPT = 8;
  const PAGES = /^\/(?!assets\/|api\/|_dash|login|logout|live|replay|healthz|readyz|metrics)/;
  let band = null, words = {}, at = 0, born = 0, offset = 0, first = 0, loaded = 0, speed = 60;
  let timer = null, turn = 0;
  const parts = {}, ready = new Map(); // instant, area -> answer that waits

  const now = () => Date.now() + offset;
  const two = (n) => String(n).padStart(2, '0');
  const local = (ms) => new Date(ms + EAST);
  const minute = (ms) => Math.floor(ms / MINUTE) * MINUTE;
  function written(ms) {
    const t = local(ms).toISOString();
    return ms % MINUTE ? t.slice(0, 19) : t.slice(0, 16);
  }
  function moment(ms) {
    const t = local(ms), s = t.toISOString();
    return s.slice(0, 10) + ' ' + words.weekdays[(t.getUTCDay() + 6) % 7] + ' ' + s.slice(11, ms % MINUTE ? 19 : 16);
  }
  function span(ms) {
    const m = Math.max(0, Math.floor(ms / MINUTE));
    if (m < 120) return Z.fill(words.minutes, { n: m });
    return m < 2880 ? Z.fill(words.hours, { n: Math.floor(m / 60) }) : Z.fill(words.days, { n: Math.floor(m / 1440) });
  }
  const within = (ms) => Math.min(Math.max(ms, first), now());
  const midnight = (ms) => Math.floor((ms + EAST) / DAY) * DAY - EAST;

  function address(href, ms) {
    const url = new URL(href, location.href);
    url.searchParams.set('at', written(ms));
    url.search = url.search.replace(/%3A/gi, ':');
    return url.href;
  }

  /* ---- whatever this page asks is asked of then ---- */
  let last = new URLSearchParams(location.search).get('at');
  if (last !== null) {
    const real = window.fetch;
    window.fetch = (what, how) => {
      last = new URLSearchParams(location.search).get('at') || last;
      const url = new URL(typeof what === 'string' ? what : what.url || what, location.href);
      if (url.origin !== location.origin) return real(what, how);
      const headers = new Headers((how && how.headers) || (what && what.headers) || undefined);
      headers.set('X-Zhizhi-At', last);
      return real(what, { ...how, headers });
    };
  }

  /* ---- what the band says ---- */
  function say() {
    Z.put(band.querySelector('.moment'), moment(at));
    const past = loaded && at < loaded;
    band.classList.toggle('afterwards', !!past);
    const day = loaded ? local(loaded).toISOString().slice(0, 10) : '';
    Z.put(band.querySelector('.knew'), Z.fill(past ? words.loaded : words.known, { day, age: span(now() - at) }));
    const live = new URL(location.href);
    live.searchParams.delete('at');
    band.querySelector('.live').href = live.href;
    document.title = band.querySelector('.word').textContent + ' ' + moment(at) + ' · ' + born;
    if (!parts.slider) return;
    const start = midnight(at);
    parts.slider.min = Math.max(0, Math.ceil((first - start) / MINUTE));
    parts.slider.max = Math.min(1439, Math.floor((now() - start) / MINUTE));
    parts.slider.value = Math.floor((at - start) / MINUTE);
    parts.slider.setAttribute('aria-valuetext', moment(at));
    parts.onHour.disabled = at + HOUR > now(); parts.onDay.disabled = at + DAY > now();
    parts.backHour.disabled = at - HOUR < first; parts.backDay.disabled = at - DAY < first;
  }
  function fault(text) {
    parts.fault.textContent = text || '';
    if (text) pause();
  }

  /* ---- moving ---- */
  function ask(ms) {
    const key = written(ms) + ' ' + Z.area();
    if (!ready.has(key)) {
      const url = Z.base() + '/replay?' + new URLSearchParams({ at: written(ms), area: Z.area(), lang: band.dataset.lang });
      const got = fetch(url, { cache: 'no-store' }).then((r) => (r.ok ? r.json() : Promise.reject(new Error(r.status))));
      got.catch(() => ready.delete(key));
      ready.set(key, got);
      while (ready.size > KEPT) ready.delete(ready.keys().next().value);
    }
    return ready.get(key);
  }
  async function show(ms) {
    const mine = ++turn;
    band.classList.add('waits');
    try {
      const answer = await ask(ms);
      if (mine !== turn) return false;
      at = answer.at * 1000;
      Z.standAt(at);
      answer.panels.forEach(Z.show);
      history.replaceState(history.state, '', address(location.href, at));
      fault('');
      dispatchEvent(new CustomEvent('zhizhi-replay', { detail: { at: at / 1000 } }));
      say();
      return true;
    } catch (e) {
      if (mine === turn) fault(words.failed);
      return false;
    } finally { if (mine === turn) band.classList.remove('waits'); }
  }
  function go(ms) {
    const to = within(ms);
    if (band.dataset.plays) return show(to);
    location.href = address(location.href, to);
    return null;
  }
  const jump = (by) => () => { pause(); go(at + by); };

  /* ---- the next event ---- */
  async function next() {
    pause();
    try {
      const answer = await fetch(Z.base() + '/replay/next?' + new URLSearchParams({ at: written(at), area: Z.area() || '' }), { cache: 'no-store' });
      if (!answer.ok) throw new Error(answer.status);
      const found = await answer.json();
      if (found.at === null) return fault(words.no_event);
      await go(Math.ceil(found.at) * 1000);
      fault(words[found.kind] || '');
    } catch (e) { fault(words.failed); }
    return null;
  }

  /* ---- playing: a minute of then every 60/speed seconds, the next one fetched ahead ---- */
  function pause() {
    clearTimeout(timer); timer = null;
    if (parts.play) { parts.play.textContent = '▶ ' + words.play; parts.play.setAttribute('aria-pressed', 'false'); }
  }
  async function step() {
    const began = Date.now(), to = minute(at) + MINUTE;
    if (to > now()) return pause();
    const done = await show(to);
    if (timer === null) return null;
    if (!done) return pause();
    if (to + MINUTE <= now()) ask(to + MINUTE).catch(() => {});
    timer = setTimeout(step, Math.max(200, 60e3 / speed - (Date.now() - began)));
    return null;
  }
  function play() {
    if (timer !== null) return pause();
    parts.play.textContent = '❚❚ ' + words.pause; parts.play.setAttribute('aria-pressed', 'true');
    if (minute(at) + MINUTE <= now()) ask(minute(at) + MINUTE).catch(() => {});
    timer = setTimeout(step, Math.min(1000, 60e3 / speed));
    return null;
  }

  /* ---- the controls ---- */
  function button(text, title, click) {
    const made = document.createElement('button');
    made.type = 'button'; made.textContent = text; made.title = title; made.setAttribute('aria-label', title);
    made.addEventListener('click', click);
    return made;
  }
  function build() {
    const place = document.getElementById('replay-controls');
    parts.fault = document.createElement('span'); parts.fault.className = 'fault'; parts.fault.setAttribute('role', 'status');
    parts.backDay = button('−' + words.a_day, words.back_day, jump(-DAY));
    parts.backHour = button('−' + words.an_hour, words.back_hour, jump(-HOUR));
    parts.onHour = button('+' + words.an_hour, words.on_hour, jump(HOUR));
    parts.onDay = button('+' + words.a_day, words.on_day, jump(DAY));
    parts.next = button('⇥ ' + words.event, words.event, next);
    const slider = (parts.slider = document.createElement('input'));
    slider.type = 'range'; slider.step = 1; slider.setAttribute('aria-label', words.slider); slider.title = words.slider;
    slider.addEventListener('input', () => { pause(); Z.put(band.querySelector('.moment'), moment(midnight(at) + slider.value * MINUTE)); });
    slider.addEventListener('change', () => go(midnight(at) + slider.value * MINUTE));
    place.append(parts.fault, parts.backDay, parts.backHour, slider, parts.onHour, parts.onDay, parts.next);
    if (!band.dataset.plays) return;
    parts.play = button('▶ ' + words.play, words.play, play);
    const rate = document.createElement('select');
    rate.setAttribute('aria-label', words.speed); rate.title = words.speed;
    for (const n of [1, 5, 10, 30, 60]) rate.append(new Option(n + '×', n, n === speed, n === speed));
    rate.addEventListener('change', () => { speed = Number(rate.value); if (timer !== null) { clearTimeout(timer); timer = setTimeout(step, 200); } });
    place.append(parts.play, rate);
  }

  function mount() {
    band = document.getElementById('replay-band');
    if (!band || !Z.mounted()) return !!document.getElementById('live') && !band;
    const d = band.dataset;
    words = JSON.parse(d.words); at = Number(d.at) * 1000; first = Number(d.first) * 1000; loaded = Number(d.loaded || 0) * 1000;
    offset = Number(d.now) * 1000 - Date.now(); born = document.title;
    build();
    say();
    setInterval(say, 30000);
    return true;
  }
  const waiting = setInterval(() => { if (mount()) clearInterval(waiting); }, 50);
  addEventListener('zhizhi-area', () => band && band.dataset.plays && show(at));

  /* ---- links keep the instant, but those that lead back to the present ---- */
  addEventListener('click', (e) => {
    const link = band && e.target.closest && e.target.closest('a[href]');
    if (!link || link.dataset.live || link.hasAttribute('download')) return;
    const url = new URL(link.href, location.href);
    if (url.origin === location.origin && PAGES.test(url.pathname) && !url.searchParams.has('at')) link.href = address(url.href, at);
  }, true);
  addEventListener('keydown', (e) => {
    if (!band || e.key !== ' ' || !band.dataset.plays || !e.target.closest || !e.target.closest('#replay-band') || e.target.matches('button,select')) return;
    e.preventDefault(); play();
  });
})();
