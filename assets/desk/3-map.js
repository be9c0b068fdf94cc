/* The map beside the list: outlines and counts of the view, markers of the rows that are shown. A canvas: no tiles, no library. */
'use strict';
(function () {
  const Z = window.zhizhi, D = Z.desk, ID = D.ID;
  const LOW = [36, 44, 53], HIGH = [76, 91, 106], LINE = '#7A8896', TEXT = '#E8ECEF', INK = '#101418';
  const SIZES = { 1: 26, 2: 22, 3: 17, 4: 15 }, CROWD = 60;
  let shapes = [], centres = [], images = {}, view = null, at = { k: 1, x: 0, y: 0 }, drag = null, hover = null, soon = 0;
  const canvas = () => Z.el(ID.map), rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const STRETCH = Math.cos((23.9 * Math.PI) / 180);
  const flat = (lon, lat) => [lon * STRETCH, -lat];

  /* ---- where things stand ---- */
  function box() {
    const c = canvas(), { width, height } = c.getBoundingClientRect();
    return { c, w: width, h: height };
  }
  function fit(points) {
    const { w, h } = box(), xs = points.map((p) => p[0]), ys = points.map((p) => p[1]), m = 0.06;
    const west = Math.min(...xs), east = Math.max(...xs), north = Math.min(...ys), south = Math.max(...ys);
    const k = Math.min(w / ((east - west) * (1 + 2 * m) || 0.01), h / ((south - north) * (1 + 2 * m) || 0.01));
    view = { k, x: w / 2 - k * ((west + east) / 2), y: h / 2 - k * ((north + south) / 2) };
    at = { k: 1, x: 0, y: 0 };
  }
  const px = ([x, y]) => [(x * view.k + view.x) * at.k + at.x, (y * view.k + view.y) * at.k + at.y];
  const degrees = (X, Y) => [((X - at.x) / at.k - view.x) / view.k / STRETCH, -((Y - at.y) / at.k - view.y) / view.k];
  function home() {
    const area = D.view().area, own = shapes.filter((s) => s.code === area || s.code === parent(area)), zone = centres.find((c) => c.code === area && !c.statutory);
    if (zone) { const [x, y] = flat(zone.lon, zone.lat), r = 0.11; return fit([[x - r, y - r], [x + r, y + r]]); }
    fit((own.length ? own : shapes).flatMap((s) => s.rings.flat()));
  }
  const parent = (code) => { const found = centres.find((c) => (c.below || []).includes(code)); return found ? found.code : ''; };

  /* ---- drawing ---- */
  const later = () => { if (!soon) soon = requestAnimationFrame(() => { soon = 0; draw(); }); };
  function draw() {
    const { c, w, h } = box();
    if (!view || !w) return;
    const dpr = window.devicePixelRatio || 1;
    if (c.width !== Math.round(w * dpr) || c.height !== Math.round(h * dpr)) { c.width = Math.round(w * dpr); c.height = Math.round(h * dpr); }
    const g = c.getContext('2d');
    g.setTransform(dpr, 0, 0, dpr, 0, 0);
    g.clearRect(0, 0, w, h);
    const counts = (D.counts && D.counts.county) || {}, most = Math.max(5, ...Object.values(counts));
    shapes.forEach((s) => outline(g, s, (counts[s.code] || 0) / most));
    const rows = points();
    rows.filter((p) => small(p.row, rows.length)).forEach((p) => marker(g, p, rows.length));
    labels(g, counts);
    rows.filter((p) => !small(p.row, rows.length)).forEach((p) => marker(g, p, rows.length));
    const last = rows.find((p) => p.row.no === D.chosen);
    if (last) chosen(g, last, rows.length);
    if (D.at) cross(g, px(flat(D.at[0], D.at[1])));
    const tip = document.querySelector('.dmap .tip');
    Z.put(tip, hover ? hover.row.no + ' · ' + hover.row.title : '');
  }
  function outline(g, shape, share) {
    g.beginPath();
    shape.rings.forEach((ring) => { ring.forEach((p, i) => (i ? g.lineTo(...px(p)) : g.moveTo(...px(p)))); g.closePath(); });
    const mix = LOW.map((v, i) => Math.round(v + (HIGH[i] - v) * share));
    g.fillStyle = 'rgb(' + mix.join() + ')';
    g.fill('evenodd');
    g.strokeStyle = LINE; g.lineWidth = 1.4 * rem(); g.stroke();
  }
  /* Each name takes the nearest free place; one that had to move far gets a line to its county. */
  const PLACES = [[0, 0], [0, -1], [0, 1], [-0.7, 0], [0.7, 0], [-0.7, -1], [0.7, -1], [-0.7, 1], [0.7, 1], [0, -2], [0, 2], [1.2, 0], [-1.2, 0], [1.2, 1.5], [-1.2, 1.5], [1.2, -1.5], [-1.2, -1.5]];
  function labels(g, counts) {
    const s = rem(), font = getComputedStyle(D.root()).fontFamily, taken = [];
    g.textAlign = 'center'; g.textBaseline = 'middle'; g.lineJoin = 'round';
    [...centres].sort((a, b) => b.statutory - a.statutory).forEach((c) => {
      const at = px(flat(c.lon, c.lat)), n = D.number(counts[c.code] || 0);
      const lines = c.statutory ? [[c.name, 18, TEXT], [Z.fill(D.words.on_map, { n }), 15, '#AEB8C2']] : [[c.name + ' ' + n, 15, '#AEB8C2']];
      const width = Math.max(...lines.map(([text, size]) => { g.font = '600 ' + size * s + 'px ' + font; return g.measureText(text).width; })) + 6 * s, height = (lines.length * 19 + 4) * s;
      const lift = c.statutory ? 0 : 16 * s, boxes = PLACES.map(([dx, dy]) => [at[0] + dx * width, at[1] - lift + dy * height]);
      const hit = ([x, y]) => taken.filter(([X, Y, W, H]) => Math.abs(x - X) < (width + W) / 2 && Math.abs(y - Y) < (height + H) / 2).length;
      const [x, y] = boxes.find((p) => !hit(p)) || boxes[0];
      taken.push([x, y, width, height]);
      if (!c.statutory || Math.hypot(x - at[0], y - at[1]) > 1.6 * height) mark(g, at, Math.hypot(x - at[0], y - at[1]) > height ? [x, y] : null);
      g.strokeStyle = 'rgba(16,20,24,.8)'; g.lineWidth = 3.5 * s;
      lines.forEach(([text, size, colour], i) => {
        const Y = y + (i - (lines.length - 1) / 2) * 19 * s;
        g.font = (size > 16 ? 600 : 450) + ' ' + size * s + 'px ' + font;
        g.strokeText(text, x, Y); g.fillStyle = colour; g.fillText(text, x, Y);
      });
    });
  }
  function mark(g, [x, y], to) {
    const s = rem();
    g.strokeStyle = '#AEB8C2'; g.lineWidth = 1.4 * s;
    if (to) { g.beginPath(); g.moveTo(x, y); g.lineTo(...to); g.stroke(); }
    g.strokeRect(x - 4 * s, y - 4 * s, 8 * s, 8 * s);
  }
  /* The graver the later, so that nothing lies on a level 1. */
  function points() {
    return D.rows().filter((r) => r.lon !== null && r.lat !== null).map((row) => ({ row, p: px(flat(row.lon, row.lat)) })).sort((a, b) => b.row.level - a.row.level);
  }
  /* In a crowd the lesser levels step back to their shape and colour; the digit comes back nearer by. */
  const small = (row, n) => n > CROWD && row.level > 2 && at.k < 2.5;
  const size = (row, n) => (SIZES[row.level] || 13) * rem() * (small(row, n) ? (row.level === 4 ? 0.5 : 0.75) : n > CROWD && at.k < 2.5 ? 0.8 : 1);
  function marker(g, { row, p }, n) {
    if (small(row, n) && row.level === 4) {
      g.beginPath(); g.arc(...p, size(row, n) / 2, 0, 7); g.fillStyle = D.words.fills[4]; g.fill();
      g.strokeStyle = INK; g.lineWidth = rem(); return g.stroke();
    }
    const image = images[row.level], s = size(row, n);
    if (image && image.complete) g.drawImage(image, p[0] - s / 2, p[1] - s / 2, s, s);
  }
  function chosen(g, point, n) {
    const r = (size(point.row, n) / 2) * 1.25 + 5 * rem();
    marker(g, point, 1);
    g.beginPath(); g.arc(...point.p, r, 0, 7); g.strokeStyle = INK; g.lineWidth = 6 * rem(); g.stroke();
    g.beginPath(); g.arc(...point.p, r, 0, 7); g.strokeStyle = TEXT; g.lineWidth = 2.6 * rem(); g.stroke();
  }
  function cross(g, [x, y]) {
    const r = 12 * rem();
    for (const [colour, width] of [[INK, 6], [TEXT, 2.6]]) {
      g.beginPath(); g.moveTo(x - r, y); g.lineTo(x + r, y); g.moveTo(x, y - r); g.lineTo(x, y + r);
      g.strokeStyle = colour; g.lineWidth = width * rem(); g.stroke();
    }
  }

  /* ---- the hand ---- */
  function under(e) {
    const { c } = box(), r = c.getBoundingClientRect(), X = e.clientX - r.left, Y = e.clientY - r.top, rows = points();
    let best = null, least = Infinity;
    rows.forEach((p) => { const d = Math.hypot(p.p[0] - X, p.p[1] - Y), reach = size(p.row, rows.length) / 2 + 4 * rem(); if (d <= reach && d <= least) { least = d; best = p; } });
    return { X, Y, best };
  }
  function zoom(by, X, Y) {
    const k = Math.max(1, Math.min(40, at.k * by)), f = k / at.k;
    at = k === 1 ? { k: 1, x: 0, y: 0 } : { k, x: X - (X - at.x) * f, y: Y - (Y - at.y) * f };
    later();
  }
  function listen(c) {
    c.addEventListener('wheel', (e) => { e.preventDefault(); const { X, Y } = under(e); zoom(e.deltaY < 0 ? 1.25 : 0.8, X, Y); }, { passive: false });
    c.addEventListener('pointerdown', (e) => { drag = { x: e.clientX, y: e.clientY, from: { ...at }, moved: false }; c.setPointerCapture(e.pointerId); });
    c.addEventListener('pointermove', (e) => {
      if (drag) {
        const dx = e.clientX - drag.x, dy = e.clientY - drag.y;
        if (Math.hypot(dx, dy) > 5) drag.moved = true;
        if (drag.moved && at.k > 1) { at = { ...drag.from, x: drag.from.x + dx, y: drag.from.y + dy }; later(); }
        return;
      }
      const { best } = under(e);
      if ((best && best.row.no) !== (hover && hover.row.no)) { hover = best; c.style.cursor = D.picking ? 'crosshair' : best ? 'pointer' : 'default'; later(); }
    });
    c.addEventListener('pointerup', (e) => {
      const was = drag;
      drag = null;
      if (!was || was.moved) return;
      const { X, Y, best } = under(e);
      if (D.picking) return D.point(degrees(X, Y).map((v) => Math.round(v * 1e5) / 1e5));
      if (best) D.chooseNo(best.row.no);
    });
    c.addEventListener('pointerleave', () => { hover = null; later(); });
    addEventListener('click', (e) => {
      const way = e.target.dataset && e.target.dataset.zoom, { w, h } = box();
      if (way === 'all') { home(); later(); } else if (way) zoom(way === 'in' ? 1.6 : 0.625, w / 2, h / 2);
    });
    new ResizeObserver(() => { home(); later(); }).observe(c);
  }

  addEventListener('desk-ready', () => {
    const d = D.root().dataset, c = canvas();
    if (!c) return;
    shapes = JSON.parse(d.shapes).map((s) => ({ code: s.code, rings: s.rings.map((ring) => ring.map(([lon, lat]) => flat(lon, lat))) }));
    centres = JSON.parse(d.centres);
    for (const level in D.words.shapes) { images[level] = new Image(); images[level].onload = later; images[level].src = D.words.shapes[level]; }
    home();
    listen(c);
    later();
    document.fonts.ready.then(later);
  });
  addEventListener('desk-view', () => { if (view) { home(); later(); } });
  for (const what of ['desk-rows', 'desk-counts', 'desk-chosen', 'desk-point']) addEventListener(what, later);
  /* For tests: where a case stands on the page. */
  D.where = (no) => { const { c } = box(), r = c.getBoundingClientRect(), found = points().find((p) => p.row.no === no); return found ? [found.p[0] + r.left, found.p[1] + r.top] : null; };
})();
