'use strict';
(() => {
  const root = document.documentElement;
  for (const part of document.querySelectorAll('[data-scripted]')) part.hidden = false;

  // Light or dark, as the screen has it until somebody says otherwise.
  const theme = document.getElementById('theme');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const shows = () => (root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches);
  const tell = () => theme.setAttribute('aria-pressed', String(shows()));
  theme.addEventListener('click', () => {
    root.dataset.theme = shows() ? 'light' : 'dark';
    tell();
  });
  dark.addEventListener('change', tell);
  tell();

  // What each row says, in lower case, read once.
  const rows = [...document.querySelectorAll('[data-row]')].map((at) => ({ at, text: '' }));
  for (const row of rows) {
    const group = row.at.closest('[data-group]');
    row.text = row.at.textContent + ' ' + (row.at.title || '') + ' ' + (group ? group.querySelector('summary').textContent : '');
    row.text = row.text.toLowerCase().replace(/\s+/g, ' ');
  }
  const groups = [...document.querySelectorAll('[data-group]')].map((at) => ({ at, open: at.open }));
  for (const group of groups) group.at.addEventListener('toggle', () => { if (!search.value) group.open = group.at.open; });

  const search = document.getElementById('search');
  const occurred = document.getElementById('occurred');
  const shown = [...document.querySelectorAll('[data-show]')];
  const count = document.getElementById('count');

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const off = new Set(shown.filter((box) => !box.checked).map((box) => box.dataset.show));
    let matches = 0;
    for (const { at, text } of rows) {
      at.hidden = off.has(at.dataset.is) || !words.every((word) => text.includes(word)) ||
        occurred.checked && at.closest('.operations') !== null && !('occurred' in at.dataset);
      if (!at.hidden) matches++;
    }
    for (const { at, open } of groups) {
      const all = at.querySelectorAll('[data-row]');
      const some = at.querySelector('[data-row]:not([hidden])') !== null;
      at.hidden = all.length > 0 ? !some : words.length > 0;
      at.open = words.length > 0 ? some : open;
    }
    for (const empty of document.querySelectorAll('[data-empty]')) {
      const all = [...empty.parentElement.querySelectorAll('[data-row]')];
      empty.hidden = all.length === 0 || all.some((row) => !row.hidden);
    }
    count.textContent = words.length > 0 ? `${matches} of ${rows.length} rows match` : '';
  }

  let waiting = 0;
  search.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, rows.length > 2000 ? 150 : 0);
  });
  for (const box of [...shown, occurred]) box.addEventListener('change', filter);

  addEventListener('keydown', (event) => {
    if (event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === 'Escape' && event.target === search) {
      search.value = '';
      filter();
    }
  });
  filter();
})();
