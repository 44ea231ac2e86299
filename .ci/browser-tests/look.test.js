// Every page as it looks: nothing is cut off, nothing is too small, nothing is loaded from elsewhere, and axe-core finds
// nothing. With KASSA_SHOTS each is photographed.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { axe, stage } from './harness.js';

let s;
let names;
before(async () => {
  s = await stage();
  const text = await (await fetch(s.sandbox)).text();
  names = [...text.matchAll(/\/page\/([a-z0-9A-Z-]+)/g)].map((m) => m[1]);
  assert.ok(names.length > 30, `the gallery has ${names.length} pages`);
});
afterEach(() => s.close());
after(() => s.end());

// A page is marked when it answers 4xx, which Chromium writes to its console as an error of its own.
const own = (complaints) => complaints.filter((c) => !/status of 4\d\d/.test(c));

for (const { locale, scheme, width, height } of [
  { locale: 'en-US', scheme: 'light', width: 1280, height: 800 },
  { locale: 'sv-SE', scheme: 'dark', width: 375, height: 812 },
]) {
  test(`axe-core finds nothing: ${locale}, ${scheme}, ${width} wide`, async () => {
    // axe-core is a script, which the policy of the pages would refuse.
    const page = await s.page({ bypassCSP: true, colorScheme: scheme, viewport: { width, height } });
    for (const name of names) {
      await page.goto(`${s.sandbox}/page/${name}?Culture=${locale}`);
      if (name === 'wait') await page.route('**', () => {}); // it is judged before it looks again
      for (const fold of await page.locator('details:not([open])').all()) await fold.locator('summary').click();
      await page.addScriptTag({ path: axe });
      // The page that waits looks again by itself: without JavaScript there is no gentler way to go on when the answer is
      // there, and it is gone within seconds.
      const found = await page.evaluate((rules) => axe.run({ rules, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }), name === 'wait' ? { 'meta-refresh': { enabled: false } } : {});
      assert.deepEqual(found.violations.map((v) => `${name}: ${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`), []);
      await page.unroute('**');
      assert.ok(found.passes.length > 10, `${name}: axe-core judged nothing`);
    }
  });
}

test('nothing is cut off at 320, and all that is pressed is at least 44 high', async () => {
  const page = await s.page({ viewport: { width: 320, height: 640 } });
  for (const locale of ['sv-SE', 'en-US']) {
    for (const name of names) {
      await page.goto(`${s.sandbox}/page/${name}?Culture=${locale}`);
      const found = await page.evaluate(() => {
        const wide = document.documentElement.scrollWidth;
        const small = [...document.querySelectorAll('button, select, summary, a, label.choice, input[type=text]')]
          .filter((e) => e.checkVisibility())
          .map((e) => [e.textContent.trim() || e.name, e.getBoundingClientRect()])
          .filter(([, box]) => box.height < 44 && box.height > 0)
          .map(([text, box]) => `${text}: ${box.height}`);
        return { wide, small };
      });
      assert.equal(found.wide, 320, `${name}, ${locale}: scrolls sideways`);
      assert.deepEqual(found.small, [], `${name}, ${locale}`);
    }
  }
  assert.deepEqual(own(page.complaints), []);
});

test('who wants no motion gets none', async () => {
  for (const [reducedMotion, want] of [['reduce', 'none'], ['no-preference', 'breathe']]) {
    const page = await s.page({ reducedMotion });
    await page.goto(`${s.sandbox}/page/wait`);
    assert.equal(await page.locator('.dots i').first().evaluate((e) => getComputedStyle(e).animationName), want);
  }
});

test('the link to the other language leads to the same page', async () => {
  const page = await s.page();
  await page.goto(`${s.sandbox}/page/swish-pay?Culture=sv-SE`);
  assert.equal(await page.locator('h1').textContent(), 'Betala med Swish');
  await page.getByRole('link', { name: 'English' }).click();
  assert.equal(await page.locator('h1').textContent(), 'Pay with Swish');
  await page.getByRole('link', { name: 'Svenska' }).click();
  assert.equal(await page.locator('html').getAttribute('lang'), 'sv');
});

test('photographs', { skip: process.env.KASSA_SHOTS ? false : 'KASSA_SHOTS names no folder for them' }, async () => {
  mkdirSync(process.env.KASSA_SHOTS, { recursive: true });
  for (const [width, height] of [[375, 812], [1280, 800]]) {
    for (const locale of ['sv-SE', 'en-US']) {
      for (const colorScheme of ['light', 'dark']) {
        const page = await s.page({ viewport: { width, height }, colorScheme });
        for (const name of names) {
          await page.goto(`${s.sandbox}/page/${name}?Culture=${locale}`);
          await page.screenshot({ path: `${process.env.KASSA_SHOTS}/${name}-${locale.slice(0, 2)}-${colorScheme}-${width}.png`, fullPage: true });
        }
      }
    }
  }
});
