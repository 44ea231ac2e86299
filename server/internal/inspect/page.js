'use strict';
(() => {
  const root = document.documentElement.dataset.root;
  const said = document.getElementById('said');
  const live = document.getElementById('live');
  const every = 2000;

  // What each live part said when it came, before people opened or marked anything in it.
  const seen = new Map();
  for (const part of document.querySelectorAll('[data-live]')) seen.set(part.id, part.innerHTML);

  let quiet = 0;
  function say(text, bad) {
    clearTimeout(quiet);
    said.textContent = text;
    said.classList.toggle('bad', !!bad);
    said.hidden = false;
    if (!bad) quiet = setTimeout(() => { said.hidden = true; }, 8000);
  }

  // A problem in words: what is wrong, where, and what to do.
  function words(problem, status) {
    const lines = [problem.title || 'The sandbox answered ' + status];
    if (problem.detail) lines.push(problem.detail);
    for (const r of problem.reasons || []) lines.push((r.pointer ? r.pointer + ': ' : '') + r.message);
    if (problem.remedy) lines.push(problem.remedy);
    return lines.join('\n');
  }

  async function ask(method, path, body) {
    const headers = body === undefined ? {} : {'Content-Type': 'application/json'};
    const answer = await fetch(root + path, {method, headers, body});
    const text = await answer.text();
    let read = {};
    try { read = JSON.parse(text); } catch { /* no content, or not the sandbox */ }
    if (!answer.ok) throw new Error(words(read, answer.status));
    return read;
  }

  // Fills {name} in each sentence of "one.|two {name}."; a sentence that misses something is left out.
  function fill(pattern, from) {
    const sentences = pattern.split('|').filter((s) =>
      [...s.matchAll(/\{(\w+)\}/g)].every((m) => from[m[1]] !== undefined && from[m[1]] !== ''));
    return sentences.join(' ').replace(/\{(\w+)\}/g, (_, name) => from[name]);
  }

  let acting = false;
  async function act(from, body) {
    if (acting || from.dataset.confirm && !confirm(from.dataset.confirm)) return;
    acting = true;
    try {
      say(fill(from.dataset.done, await ask(from.dataset.method, from.dataset.path, body)));
    } catch (failure) {
      say(failure.message, true);
    } finally {
      acting = false;
    }
    await refresh(true);
  }

  // A form as the object it stands for: a.b is a member of a, numbers are numbers, and what is empty is not there.
  function read(form, submitter) {
    const body = {};
    const put = (name, value) => {
      const names = name.split('.');
      const last = names.pop();
      let at = body;
      for (const n of names) at = at[n] ||= {};
      at[last] = value;
    };
    for (const field of form.elements) {
      if (!field.name || field.value === '' || field.tagName === 'BUTTON' || field.closest('fieldset')?.hidden) continue;
      if (field.dataset.with && field.dataset.with !== submitter?.value) continue;
      if (field.type === 'checkbox') { if (field.checked) put(field.name, true); } else put(field.name, field.type === 'number' ? Number(field.value) : field.value);
    }
    if (submitter?.name) put(submitter.name, submitter.value);
    return body;
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('button[data-method]');
    if (button) act(button, button.dataset.body);
  });
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!form.dataset.method) return;
    event.preventDefault();
    act(form, JSON.stringify(read(form, event.submitter)));
  });
  document.addEventListener('change', async (event) => {
    const field = event.target;
    if ('file' in field.dataset && field.files.length) {
      await act(field, await field.files[0].text());
      field.value = '';
    } else if (field.form && 'filter' in field.form.dataset && field.name) {
      location.search = new URLSearchParams([...new FormData(field.form)].filter(([, value]) => value !== ''));
    } else if (field.name === 'on') {
      only(field);
    } else if (field === live && live.checked) {
      refresh(true);
    }
  });
  document.addEventListener('input', (event) => { if (event.target.dataset.find) find(event.target); });

  function only(field) {
    for (const set of field.form.querySelectorAll('[data-only]')) set.hidden = set.dataset.only !== field.value;
  }
  function find(field) {
    const wanted = field.value.trim().toLowerCase();
    for (const row of document.querySelectorAll('#' + field.dataset.find + ' tbody tr')) {
      row.hidden = !(row.textContent + ' ' + [...row.querySelectorAll('[id]')].map((e) => e.id).join(' ')).toLowerCase().includes(wanted);
    }
  }

  // Exchanges a live part, and leaves open what was open, and the focus where it was.
  function exchange(part, fresh) {
    const open = [...part.querySelectorAll('details[open]')].map((d) => d.id);
    const focus = part.contains(document.activeElement) ? document.activeElement.id : '';
    const aside = part.querySelector('.scroll')?.scrollLeft || 0;
    part.replaceChildren(...fresh.childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute('open', '');
    if (focus) document.getElementById(focus)?.focus({preventScroll: true});
    const scroll = part.querySelector('.scroll');
    if (scroll) scroll.scrollLeft = aside;
  }

  let asking = false;
  let lost = false;
  async function refresh(now) {
    if (asking || (!now && (document.hidden || !live.checked))) return;
    asking = true;
    try {
      const answer = await fetch(location.href, {headers: {Accept: 'text/html'}});
      if (!answer.ok) throw new Error('the page is gone: ' + answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      for (const part of document.querySelectorAll('[data-live]')) {
        const fresh = page.getElementById(part.id);
        const marked = getSelection();
        if (!fresh || fresh.innerHTML === seen.get(part.id)) continue;
        if (!marked.isCollapsed && part.contains(marked.anchorNode)) continue; // somebody is about to copy
        seen.set(part.id, fresh.innerHTML);
        exchange(part, fresh);
      }
      for (const field of document.querySelectorAll('[data-find]')) find(field);
      if (lost) { lost = false; say('The sandbox answers again.'); }
    } catch (failure) {
      if (!lost) say('The sandbox does not answer; this is what it said last.\n' + failure.message, true);
      lost = true;
    } finally {
      asking = false;
    }
  }

  for (const field of document.querySelectorAll('select[name=on]')) only(field);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(false); });
  setInterval(refresh, every, false);
})();
