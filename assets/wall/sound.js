/* The sound of alarms at the wall: a new unacknowledged one of priority 1 or 2 is heard once.
   The browser may refuse before a gesture: then the screen says so. Muting is of this screen, shown, and ends by itself. */
'use strict';
(function () {
  const Z = window.zhizhi, ID = { sound: 'sound', alarms: 'header-alarms' };
  const HEARD = 'zhizhi-heard:', MUTE = 'zhizhi-mute';
  let context = null, allowed = false, words = null, quiet = 0;
  const kept = (store, key) => { try { return store.getItem(key); } catch (e) { return null; } };
  const keep = (store, key, value) => { try { store.setItem(key, value); } catch (e) { /* a screen that forgets still sounds */ } };
  const button = () => Z.el(ID.sound);

  /* Until when this screen is mute; a clock that was set back makes it no longer than declared. */
  function muted() {
    const until = Number(kept(localStorage, MUTE) || 0), left = until - Z.now();
    return left > 0 && left <= Number(button().dataset.muteS) * 1000 + 1000 ? until : 0;
  }

  function paint() {
    const place = button();
    if (!place || !Z.mounted()) return;
    words = words || JSON.parse(place.dataset.words);
    const until = muted(), state = !allowed ? 'off' : until ? 'muted' : 'on';
    place.className = 'snd is-' + state;
    place.title = state === 'off' ? words.why : state === 'on' ? words.mute : '';
    Z.put(place, state === 'muted' ? Z.fill(words.muted, { time: Z.hm(until) }) : words[state]);
  }

  /* Three rising tones for priority 1, two for priority 2, made here: no file is fetched. */
  function sound(priority) {
    if (!allowed || muted()) return;
    const tones = priority === 1 ? [660, 880, 1175] : [660, 880];
    tones.forEach((hz, n) => {
      const at = context.currentTime + n * 0.28, tone = context.createOscillator(), level = context.createGain();
      tone.type = 'triangle'; tone.frequency.value = hz;
      level.gain.setValueAtTime(0.0001, at);
      level.gain.exponentialRampToValueAtTime(0.5, at + 0.03);
      level.gain.exponentialRampToValueAtTime(0.0001, at + 0.24);
      tone.connect(level).connect(context.destination);
      tone.start(at); tone.stop(at + 0.26);
    });
    dispatchEvent(new CustomEvent('zhizhi-sound', { detail: { priority } }));
  }

  /* What stood when the screen began is not new; what came while it was loading anew is. */
  function listen() {
    const mark = document.querySelector('#' + ID.alarms + ' [data-newest]');
    if (!mark || new URLSearchParams(location.search).has('at')) return;
    const key = HEARD + Z.area(), newest = Number(mark.dataset.newest), grave = mark.dataset.grave.split(',').filter(Boolean);
    const before = JSON.parse(kept(sessionStorage, key) || 'null');
    keep(sessionStorage, key, JSON.stringify({ newest: Math.max(newest, before ? before.newest : 0), grave }));
    if (!before || newest <= before.newest) return;
    const fresh = grave.filter((one) => !before.grave.includes(one));
    if (fresh.length) sound(Math.min(...fresh.map((one) => Number(one.split(':')[1]))));
  }

  async function allow() {
    if (!context) { try { context = new AudioContext(); } catch (e) { return; } }
    if (context.state !== 'running') await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 400))]).catch(() => {});
    allowed = context.state === 'running';
    paint();
  }

  addEventListener('zhizhi-panel', (e) => {
    if (e.detail.panel !== 'alarms') return;
    clearTimeout(quiet); // a burst is heard once, after the page was drawn
    quiet = setTimeout(listen, 150);
  });
  for (const gesture of ['pointerdown', 'keydown']) addEventListener(gesture, () => { if (!allowed) allow(); }, true);
  addEventListener('click', (e) => {
    if (!e.target.closest || !e.target.closest('#' + ID.sound) || !words) return;
    if (!button().classList.contains('is-off')) keep(localStorage, MUTE, muted() ? '0' : String(Z.now() + Number(button().dataset.muteS) * 1000));
    paint();
  });
  /* Without a gesture a browser refuses and complains, so it is only asked where the address says that this is a kiosk. */
  const kiosk = new URLSearchParams(location.search).has('kiosk');
  addEventListener('zhizhi-mounted', () => { listen(); paint(); if (kiosk) allow(); });
  setInterval(paint, 1000);
})();
