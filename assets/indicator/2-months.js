/* Months of charts in Chinese: 1月. Plotly's own file writes 一. */
(function () {
  const months = Array.from({ length: 12 }, (_, i) => (i + 1) + '月');
  const days = ['周日', '周一', '周二', '周三', '周四', '周五', '周六'];
  const locale = {
    moduleType: 'locale', name: 'zh-CN', dictionary: {},
    format: { days, shortDays: days, months, shortMonths: months, date: '%Y-%m-%d', decimal: '.', thousands: '\u2009' },
  };
  if (window.Plotly) window.Plotly.register(locale);
  else (window.PlotlyLocales = window.PlotlyLocales || []).push(locale);
})();
