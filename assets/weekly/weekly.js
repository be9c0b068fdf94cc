/* The weekly review: keys, choosing a week, sorting and copying tables, downloads that say they are being made. */
'use strict';
(function () {
  const here = () => document.querySelector('.weekly');
  const all = (at, what) => [...at.querySelectorAll(what)];
  const typing = (at) => at && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || (at.closest && at.closest('.pick2')));

  function go(href) {
    history.pushState({}, '', href);
    dispatchEvent(new CustomEvent('_dashprivate_pushstate'));
    const body = here();
    if (body) body.scrollTop = 0;
  }

  /* keys */
  addEventListener('keydown', (e) => {
    if (!here()) return;
    const help = document.querySelector('.whelp');
    if (e.target.matches('.weekpick input') && e.key === 'Enter') {
      const query = new URLSearchParams(location.search);
      query.set('week', e.target.value.trim());
      e.preventDefault();
      return go(location.pathname + '?' + query);
    }
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || (help && help.open)) return;
    const link = { ArrowLeft: '.wbar .prev', ArrowRight: '.wbar .next' }[e.key];
    if (link) { const at = document.querySelector(link); if (at) { e.preventDefault(); at.click(); } }
    if (e.key === '?' && help) { e.preventDefault(); help.showModal(); }
    if (e.key === 'p' || e.key === 'P') { e.preventDefault(); print(); }
  });

  /* sorting: by the number a cell says, else by its words; nothing said stands last either way */
  const NUMBER = /[-−]?\d[\d\u2009,]*(\.\d+)?/;
  function worth(cell) {
    const said = cell.dataset.v !== undefined ? cell.dataset.v : cell.firstChild ? cell.firstChild.textContent : '';
    const found = cell.classList.contains('num') || cell.dataset.v !== undefined ? NUMBER.exec(said) : null;
    if (found) return Number(found[0].replace(/[\u2009,]/g, '').replace('−', '-'));
    const words = said.trim() || cell.textContent.trim();
    return words === '—' || !words || cell.classList.contains('num') ? null : words;
  }
  function sort(head) {
    const table = head.closest('table'), place = head.cellIndex, body = table.tBodies[0];
    const down = head.getAttribute('aria-sort') !== 'descending';
    const rows = all(body, 'tr').map((row, i) => ({ row, i: Number(row.dataset.i || (row.dataset.i = i)), v: worth(row.cells[place]) }));
    const third = head.getAttribute('aria-sort') === 'ascending';
    rows.sort((a, b) => {
      if (third) return a.i - b.i;
      if (a.v === null || b.v === null) return (a.v === null) - (b.v === null) || a.i - b.i;
      const c = typeof a.v === 'number' && typeof b.v === 'number' ? a.v - b.v : String(a.v).localeCompare(String(b.v), 'zh');
      return (down ? -c : c) || a.i - b.i;
    });
    all(table, 'th').forEach((th) => th.removeAttribute('aria-sort'));
    if (!third) head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    table.classList.toggle('flat', !third);
    body.append(...rows.map((r) => r.row));
  }

  /* copying: what a cell says and its small words, as one line of tabs */
  function line(row) {
    return [...row.cells].map((cell) => {
      const img = cell.querySelector('img[alt]'), marks = all(cell, '[role=img][aria-label]').map((m) => m.getAttribute('aria-label'));
      const said = [...marks, ...[...cell.childNodes].map((n) => n.textContent.trim())].filter(Boolean).join(' ');
      return (said || (img ? img.alt : '')).replace(/[\s\u2009]+/g, (s) => (s === '\u2009' ? '' : ' '));
    }).join('\t');
  }
  function put(text) {
    if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
    const box = document.createElement('textarea');
    box.value = text;
    document.body.append(box);
    box.select();
    document.execCommand('copy');
    box.remove();
    return Promise.resolve();
  }
  async function copy(button) {
    const table = button.parentElement.querySelector('table'), said = button.textContent;
    await put(all(table, 'tr').map(line).join('\n'));
    button.textContent = said + ' ✓';
    setTimeout(() => { button.textContent = said; }, 2000);
  }

  /* downloads */
  async function load(link) {
    if (link.classList.contains('busy')) return;
    const said = link.textContent;
    link.classList.add('busy');
    link.setAttribute('aria-busy', 'true');
    const slow = setTimeout(() => { link.textContent = link.dataset.busy; }, 800);
    let words = said;
    try {
      const answer = await fetch(link.href);
      const name = /filename\*?=(?:UTF-8'')?"?([^";]+)/i.exec(answer.headers.get('Content-Disposition') || '');
      if (!answer.ok || !name) throw new Error(answer.status === 200 ? '' : (await answer.text()).slice(0, 200));
      const at = document.createElement('a');
      at.href = URL.createObjectURL(await answer.blob());
      at.download = decodeURIComponent(name[1]);
      at.click();
      setTimeout(() => URL.revokeObjectURL(at.href), 60000);
    } catch (e) {
      words = link.dataset.failed;
      link.title = /^[^<]+$/.test(e.message) ? e.message : '';
    }
    clearTimeout(slow);
    link.classList.remove('busy');
    link.removeAttribute('aria-busy');
    link.textContent = words;
    if (words !== said) setTimeout(() => { link.textContent = said; }, 6000);
  }

  addEventListener('click', (e) => {
    if (!here() || !e.target.closest) return;
    const head = e.target.closest('.rvt th:not(.no)'), button = e.target.closest('.rtw .copy'), link = e.target.closest('.btn.dl');
    if (link && !e.ctrlKey && !e.metaKey) { e.preventDefault(); load(link); }
    else if (button) copy(button);
    else if (head && !e.target.closest('a')) sort(head);
    else if (e.target.closest('.doprint')) print();
    else if (e.target.closest('.dohelp')) document.querySelector('.whelp').showModal();
  });

  /* print: the foot of each page says of what it is; a sorted table prints as it stands */
  function foot() {
    const sheet = document.querySelector('.sheet[data-foot]');
    let style = document.getElementById('weekly-foot');
    if (!sheet) return;
    if (!style) { style = document.createElement('style'); style.id = 'weekly-foot'; document.head.append(style); }
    const said = JSON.stringify(sheet.dataset.foot);
    const rule = `@media print{@page{@bottom-left{content:${said};font:8.5pt 'HY Core','Noto Sans SC Variable','Noto Sans CJK SC',sans-serif;color:#4A5560}}}`;
    if (style.textContent !== rule) style.textContent = rule;
  }

  /* what is only read comes as HTML text; its links to other weeks stay on the page */
  const filled = new WeakMap(), TAGS = { '{': '<', '}': '>', '|': '/', '`': '"' };
  function fill() {
    for (const at of document.querySelectorAll('.sheet [data-html]')) {
      const text = at.getAttribute('data-html');
      if (filled.get(at) !== text) { filled.set(at, text); at.innerHTML = text.replace(/[{}|`]/g, (c) => TAGS[c]); }
    }
    foot();
    const bar = document.querySelector('.wbar'), body = here();
    if (bar && body) body.style.setProperty('--bar', bar.offsetHeight + 'px');
  }
  addEventListener('click', (e) => {
    const link = e.target.closest && e.target.closest('a[data-go]');
    if (link && !e.ctrlKey && !e.metaKey && !e.shiftKey && e.button === 0) { e.preventDefault(); go(link.getAttribute('href')); }
  });
  new MutationObserver(fill).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-html'] });
})();
