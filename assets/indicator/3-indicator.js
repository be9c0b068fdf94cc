/* The page of one indicator: a click on a point chooses its period, e opens the evidence, paper fits the chart. */
'use strict';
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.indicator = {
  choose(clicked, search) {
    const period = clicked && clicked.points && clicked.points[0] && clicked.points[0].customdata;
    if (!period) return window.dash_clientside.no_update;
    const query = new URLSearchParams(search || '');
    if (query.get('week') === period) return window.dash_clientside.no_update;
    query.set('week', period);
    return '?' + query;
  },
};
(function () {
  const typing = (at) => at && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));
  addEventListener('keydown', (e) => {
    if (e.key !== 'e' || e.ctrlKey || e.metaKey || e.altKey || typing(e.target)) return;
    const link = document.querySelector('.ind .evid');
    if (link) { e.preventDefault(); link.click(); }
  });
  const fit = () => document.querySelectorAll('.ind .js-plotly-plot').forEach((at) => window.Plotly && window.Plotly.Plots.resize(at));
  addEventListener('beforeprint', fit);
  addEventListener('afterprint', fit);
})();
