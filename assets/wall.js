/* What moves on the wall without the server: clock, time left, night, drill-down, drawer, keyboard. */
'use strict';
(function () {
  const Z = window.zhizhi, el = Z.el;
  const ID = { clock: 'clock', evidence: 'evidence', sources: 'sources', drawer: 'drawer', map: 'map-figure' };

  /* ---- clock and time left, by the server's clock, always Asia/Shanghai ---- */
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  function tick() {
    if (!Z.mounted()) return;
    const at = Z.now(), words = Z.words(), p = {};
    parts.formatToParts(at).forEach((x) => { p[x.type] = x.value; });
    const weekday = words.weekdays[new Date(at + 8 * 3600e3).getUTCDay()], clock = el(ID.clock);
    if (!clock) return;
    Z.put(clock.querySelector('.hm'), p.hour + ':' + p.minute);
    Z.put(clock.querySelector('.day'), p.year + '-' + p.month + '-' + p.day + ' ' + weekday);
    Z.root().classList.toggle('night', p.hour >= '22' || p.hour < '06');
    document.querySelectorAll('.due[data-due]').forEach((cell) => {
      const rest = Number(cell.dataset.due) - at / 1000, over = rest < 0, m = Math.floor(Math.abs(rest) / 60);
      const two = (n) => String(n).padStart(2, '0');
      const t = m >= 6000 ? Z.fill(words.days, { n: Math.floor(m / 1440) }) : two(Math.floor(m / 60)) + ':' + two(m % 60);
      cell.classList.toggle('od', over);
      Z.put(cell, Z.fill(over ? words.over : words.left, { t }));
    });
  }
  setInterval(tick, 1000);
  new MutationObserver(tick).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-due'] });

  /* ---- the map is drawn in px of the 1920 canvas; a 4K wall needs twice that ---- */
  const scale = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const SIZES = ['size', 'width'];
  function grown(value, s) {
    if (Array.isArray(value) || value === null || typeof value !== 'object') return value;
    const out = {};
    for (const k in value) out[k] = k === 'geojson' ? value[k] : SIZES.includes(k) && typeof value[k] === 'number' ? value[k] * s : grown(value[k], s);
    return out;
  }
  let drawn = null, at = 1;
  function scaled(figure) {
    drawn = figure; at = scale();
    return at === 1 ? figure : { data: figure.data.map((t) => grown(t, at)), layout: grown(figure.layout, at) };
  }
  Z.scaled = scaled;
  function rescale() {
    const plot = document.querySelector('#' + ID.map + ' .js-plotly-plot');
    const first = drawn || (plot && plot.data && { data: plot.data, layout: { ...plot.layout, width: undefined, height: undefined } });
    if (first && Math.abs(scale() - at) > 0.02) Z.set(ID.map, { figure: scaled(first) });
    return !!first;
  }
  addEventListener('resize', () => setTimeout(rescale, 200));
  addEventListener('zhizhi-mounted', () => {
    tick();
    let tries = 0;
    const once = setInterval(() => { if (rescale() || ++tries > 40) clearInterval(once); }, 100);
  });

  /* ---- clicks that need no server; the names are used by callbacks/wall.py ---- */
  const same = () => window.dash_clientside.no_update;
  const cause = () => { // what was really clicked: a redrawn button has no clicks and is no click
    const t = (window.dash_clientside.callback_context.triggered || []).filter((x) => x.value);
    return t.length ? t[0].prop_id : '';
  };
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    zhizhi: {
      area(click, _home) {
        const who = cause();
        if (who.startsWith('area-home')) Z.setArea(Z.home());
        else if (who && click && click.points && click.points.length) {
          const p = click.points[0], code = p.location || p.customdata;
          setTimeout(() => Z.set(ID.map, { clickData: null }), 0); // so that the same county can be clicked again
          if (typeof code === 'string') Z.setArea(code);
        }
        return same();
      },
      drawer(_tiles, _close) {
        const who = cause();
        if (!who) return same();
        if (who.startsWith('drawer-close')) return 'drawer';
        Z.set(ID.evidence, { children: Z.words().loading });
        return 'drawer open';
      },
      overlay(_open, _close) {
        const who = cause();
        if (!who) return same();
        if (who.startsWith('sources-close')) return 'overlay';
        Z.set('sources-detail', { children: Z.words().loading });
        return 'overlay open';
      },
    },
  });

  addEventListener('keydown', (e) => {
    if (e.key !== 'Escape' || !Z.mounted()) return;
    for (const id of [ID.drawer, ID.sources]) {
      const box = el(id);
      if (box && box.classList.contains('open')) return Z.set(id, { className: box.className.replace(' open', '') });
    }
    Z.setArea(Z.home());
  });
})();
