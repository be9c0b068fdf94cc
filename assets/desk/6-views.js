/* Views that somebody keeps: chosen, named, renamed, removed, begun with. */
'use strict';
(function () {
  const Z = window.zhizhi, D = Z.desk, ID = D.ID;
  let views = [], naming = null;
  const plain = (query) => { const q = new URLSearchParams(query); q.delete('home'); q.sort(); return q.toString(); };
  const now = () => plain(D.query(D.view()));

  function button(text, look, does, title) {
    const b = document.createElement('button');
    b.type = 'button'; b.className = look; b.textContent = text; b.title = title || text;
    b.addEventListener('click', does);
    return b;
  }
  function paint() {
    const place = Z.el(ID.views), w = D.words, here = now();
    if (!place) return;
    if (naming) return place.replaceChildren(field());
    const chosen = views.find((v) => plain(v.query) === here);
    const parts = [button(w.plain, 'chip' + (here === '' ? ' on' : ''), () => D.go(''))];
    views.forEach((v) => parts.push(button((v.home ? '★ ' : '') + v.name, 'chip' + (v === chosen ? ' on' : ''), () => D.go(plain(v.query)), v.home ? v.name + ' · ' + w.begins : v.name)));
    if (chosen) {
      parts.push(button(w.rename, 'btn', () => { naming = { was: chosen.name }; paint(); }));
      if (!chosen.home) parts.push(button(w.begin, 'btn', () => post({ do: 'begin', name: chosen.name })));
      parts.push(button(w.remove, 'btn', () => post({ do: 'remove', name: chosen.name })));
    } else if (here !== '') parts.push(button(w.keep, 'btn', () => { naming = { was: '' }; paint(); }));
    place.replaceChildren(...parts);
  }
  function field() {
    const at = document.createElement('form'), box = document.createElement('input');
    box.className = 'inp'; box.maxLength = 40; box.value = naming.was; box.placeholder = D.words.view_name; box.setAttribute('aria-label', D.words.view_name);
    at.className = 'naming';
    at.append(box);
    at.addEventListener('submit', (e) => {
      e.preventDefault(); e.stopPropagation();
      const name = box.value.trim();
      if (name) post(naming.was ? { do: 'rename', name: naming.was, to: name } : { do: 'keep', name, query: now() });
    });
    box.addEventListener('keydown', (e) => { if (e.key === 'Escape') { naming = null; paint(); } });
    box.addEventListener('blur', () => setTimeout(() => { if (naming && !at.dataset.busy) { naming = null; paint(); } }, 200));
    setTimeout(() => { box.focus(); box.select(); }, 0);
    return at;
  }
  async function post(body) {
    try {
      const answer = await D.post('/desk/views', body);
      if (answer.refused) return D.say(answer.refused, true);
      views = answer.views;
      naming = null;
      paint();
    } catch (e) { D.say(D.words[e.kind] || D.words.failed, true); }
  }
  addEventListener('desk-ready', () => { views = JSON.parse(D.root().dataset.views); paint(); });
  addEventListener('desk-view', () => { naming = null; paint(); });
})();
