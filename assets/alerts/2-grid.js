/* How the cells of the alarm list are drawn. The names are used by components/alarm_grid.py. */
'use strict';
(function () {
  const A = window.zhizhi.alerts, h = (...given) => window.React.createElement(...given);
  const words = () => A.words || (A.words = JSON.parse(A.facts().dataset.words));
  const text = (d) => [d.id, d.v, d.s, d.p, d.n, d.w, d.title, d.said, d.who, d.until, ...d.marks].join('|');

  /* Gravest first, then newest; what is folded stands under its head. The same as in the store. */
  const waits = (d) => (d.s === 'unacknowledged' || d.s === 'returned_unacknowledged' ? 0 : 1);
  A.order = (a, b) => a.gp - b.gp || b.gn - a.gn || b.g - a.g || a.u - b.u || a.p - b.p || waits(a) - waits(b) || b.at - a.at || b.id - a.id;

  window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions || {}, {
    alarmValue: (data, column) => (data ? column + text(data) : ''),
    alarmOrder: (_a, _b, first, second) => A.order(first.data, second.data),
    alarmText: (params, column) => (params.data ? TEXTS[column](params.data) : ''),
    alarmTip: (params, column) => (params.data ? (column === 'since' ? params.data.full : TEXTS[column](params.data)) : ''),
  });
  const TEXTS = { place: (d) => d.place, since: (d) => d.since, case: (d) => d.case };
  window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, {
    AlarmLevel: ({ data }) => h('span', { className: 'bdg lv-' + data.p }, h('img', { src: words().shapes[data.p], alt: String(data.p), className: 'shape' }), h('span', null, words().levels[data.p])),
    AlarmState: ({ data }) => h('span', { className: 'ast st-' + data.s }, h('img', { src: words().states[data.s][data.p], alt: '', className: data.s === 'unacknowledged' ? 'stp blink' : 'stp' }), h('span', null, data.word)),
    AlarmWhat: ({ data }) => h('div', { className: 'what', title: [data.title, data.said, ...data.marks].join('\n') },
      h('div', { className: 'l1' },
        data.n ? h('button', { className: 'fold', type: 'button', tabIndex: -1, title: words().fold.replace('{n}', data.n) }, (A.open.has(data.g) ? '▾ ' : '▸ ') + '+' + A.number(data.n)) : null,
        h('b', null, data.title),
        data.n && data.w ? h('em', null, words().waiting.replace('{n}', A.number(data.w))) : null,
        ...data.marks.map((m, i) => h('em', { key: i }, m))),
      h('div', { className: 'l2' }, data.said)),
    AlarmWho: ({ data }) => h('div', { className: 'what', title: [data.who, data.until].filter(Boolean).join('\n') }, h('div', { className: 'l1' }, data.who), h('div', { className: 'l2' }, data.until)),
  });
})();
