/* How the cells of the desk's grid are drawn. The names are used by components/desk_grid.py. */
'use strict';
(function () {
  const D = window.zhizhi.desk, h = (...given) => window.React.createElement(...given);
  const words = () => D.words || (D.words = JSON.parse(D.root().dataset.words));
  const text = (data) => [data.no, data.v, data.title, data.place, data.has, data.word, data.due, data.level, data.seen, ...data.marks].join('|');

  /* Gravest first, then least time left; a case without a limit comes last. The same as in the store. */
  const time = (a, b) => (a.due === null) - (b.due === null) || (a.due || 0) - (b.due || 0);
  const tie = (a, b) => (a.id || 0) - (b.id || 0);
  const ORDERS = {
    level: (a, b) => a.level - b.level || time(a, b) || tie(a, b),
    left: (a, b) => time(a, b) || tie(a, b),
    newest: (a, b) => b.at - a.at || tie(b, a),
    moved: (a, b) => b.moved - a.moved || tie(b, a),
  };
  D.order = (a, b) => (ORDERS[D.view().sort] || ORDERS.level)(a, b);

  window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions || {}, {
    deskValue: (data, column) => (data ? column + text(data) : ''),
    deskOrder: (_a, _b, first, second) => D.order(first.data, second.data),
  });

  const show = (column, { data }) => (data ? TEXTS[column](data) : '');
  const TEXTS = {
    state: (d) => d.word, place: (d) => d.place, has: (d) => d.has, reported: (d) => d.said_at, number: (d) => '\u200e' + d.no,
  };
  const TIPS = { place: (d) => [d.place, d.address].join('\n') };
  Object.assign(window.dashAgGridFunctions, {
    deskText: (params, column) => show(column, params),
    deskTip: (params, column) => (params.data ? (TIPS[column] || TEXTS[column])(params.data) : ''),
  });
  window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, {
    DeskLevel: ({ data }) => {
      const w = words();
      if (!w.levels[data.level]) return '—';
      return h('span', { className: 'bdg lv-' + data.level }, h('img', { src: w.shapes[data.level], alt: String(data.level), className: 'shape' }), h('span', null, w.levels[data.level]));
    },
    DeskLeft: ({ data }) => (data.due === null ? h('span', { className: 'dim', title: data.due_at }, words().no_limit) : data.still ? h('span', { className: 'dim', title: data.due_at }, words().still) : h('span', { className: 'due', title: data.due_at, 'data-due': data.due, key: data.due })),
    DeskMatter: ({ data }) => h('span', { className: 'cl1 mt', title: [data.title, ...data.marks].join('\n') },
      data.seen ? null : h('i', { className: 'dot', title: words().unseen }),
      ...data.marks.map((m, i) => h('em', { key: i }, m)), h('span', null, data.title)),
  });
})();
