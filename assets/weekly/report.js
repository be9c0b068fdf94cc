/* Downloads of the weekly review with how far they are: the server tells it line by line, the last line is the file. */
'use strict';
(function () {
  const at = (link) => {
    const box = document.createElement('div');
    box.className = 'making';
    box.setAttribute('role', 'status');
    box.append(document.createElement('progress'), document.createElement('span'), document.createElement('button'));
    const [bar, said, stop] = box.children;
    bar.max = 1;
    bar.value = 0;
    said.textContent = link.dataset.busy || '';
    stop.type = 'button';
    stop.className = 'btn';
    stop.textContent = '×';
    stop.setAttribute('aria-label', link.dataset.stop || '×');
    link.after(box);
    box.hidden = true;
    return { box, bar, said, stop };
  };

  function save(file) {
    const packed = atob(file.data), bytes = new Uint8Array(packed.length);
    for (let i = 0; i < packed.length; i++) bytes[i] = packed.charCodeAt(i);
    const way = document.createElement('a');
    way.href = URL.createObjectURL(new Blob([bytes], { type: file.type }));
    way.download = file.file;
    way.click();
    setTimeout(() => URL.revokeObjectURL(way.href), 60000);
  }

  /* yields the lines of an answer as they come */
  async function* lines(answer) {
    const reader = answer.body.getReader(), words = new TextDecoder();
    let held = '';
    for (;;) {
      const { value, done } = await reader.read();
      held += done ? words.decode() : words.decode(value, { stream: true });
      const parts = held.split('\n');
      held = parts.pop();
      for (const part of parts) if (part) yield JSON.parse(part);
      if (done) return;
    }
  }

  async function make(link) {
    const shown = at(link), stopped = new AbortController();
    const slow = setTimeout(() => { shown.box.hidden = false; }, 400);
    shown.stop.onclick = () => stopped.abort();
    link.setAttribute('aria-busy', 'true');
    let words = link.dataset.failed || '', good = false;
    try {
      const href = new URL(link.href);
      href.searchParams.set('progress', '1');
      const answer = await fetch(href, { signal: stopped.signal });
      for await (const step of lines(answer)) {
        if (step.words) { shown.bar.value = step.done; shown.said.textContent = step.words; }
        if (step.refused) words = step.refused;
        if (step.file) { shown.bar.value = 1; save(step); good = true; }
      }
    } catch (e) {
      if (stopped.signal.aborted) good = true;
    }
    clearTimeout(slow);
    link.removeAttribute('aria-busy');
    if (good) return shown.box.remove();
    shown.box.hidden = false;
    shown.box.classList.add('failed');
    shown.bar.remove();
    shown.said.textContent = words;
    shown.stop.onclick = () => shown.box.remove();
    setTimeout(() => shown.box.remove(), 12000);
  }

  /* before anybody else sees the click */
  addEventListener('click', (e) => {
    const link = e.target.closest && e.target.closest('a[href*="/weekly/report."]');
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    if (!link.hasAttribute('aria-busy')) make(link);
  }, true);
})();
