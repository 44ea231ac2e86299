// The inspector at the second door of a running sandbox.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { axe } from './harness.js';
import { market } from './merchant.js';

const folder = mkdtempSync(join(tmpdir(), 'kassa-inspector-'));
let m;
before(async () => { m = await market('--record', join(folder, 'traffic.har')); });
afterEach(() => m.close());
after(async () => {
  await m.end();
  rmSync(folder, { recursive: true });
});

const said = (page, text) => page.locator('#said', { hasText: text }).waitFor();

// overview opens the page of the second door.
async function overview(options) {
  const page = await m.page(options);
  await page.goto(m.admin);
  return page;
}

// sheet opens the inspector's page of a payment, from the list.
async function sheet(page, payment) {
  await page.locator(`#p-${payment.id.split('/').pop()}`).click();
  await page.locator('#timeline svg').waitFor();
}

test('payments appear, are paid from their page, and have a timeline', async () => {
  const page = await overview();
  await page.getByText('No payments yet').waitFor();
  const payment = await m.create('swish');
  await page.locator(`#p-${payment.id.split('/').pop()}`).waitFor(); // by itself
  await sheet(page, payment);
  await page.getByRole('button', { name: 'Pay', exact: true }).click();
  await said(page, `The payer goes to ${m.shop}/complete`);
  await payment.told();
  assert.deepEqual(await payment.attempts(), ['Sale Completed']);
  await page.locator('#facts', { hasText: 'completed' }).waitFor();
  await page.locator('#callbacks .pill', { hasText: 'delivered' }).first().waitFor();
  assert.ok(await page.locator('#timeline svg').getByText('Completed').count() > 0 || /completed/i.test(await page.locator('#timeline').textContent()));
  await m.photograph(page, 'inspector-payment');

  await page.getByRole('button', { name: /^Send again/ }).click();
  await said(page, /was sent again/);
  await payment.told(2);
  await page.locator('#callbacks', { hasText: '2 attempts' }).waitFor();
  assert.deepEqual(page.complaints, []);
});

test('the inspector\'s page of a payment leads to the payer\'s', async () => {
  const payment = await m.create('trustly');
  const page = await overview();
  await sheet(page, payment);
  await page.getByRole('link', { name: 'Open the payer\'s page' }).click();
  assert.equal(await page.locator('h1').textContent(), 'Pay from your bank');
});

test('refused traffic is listed with why', async () => {
  const payment = await m.create('creditcard');
  const problem = await m.ask('POST', `${payment.id}/captures`, { transaction: { amount: 1000, vatAmount: 0, description: 'early', payeeReference: 'early1' } }, { want: 403 });
  const page = await overview();
  const row = page.locator('#requests tr.refused').first();
  await row.locator('summary').click();
  const text = await row.textContent();
  assert.match(text, /captures/);
  assert.ok(text.includes(problem.title), text);
  assert.match(text, /Remedy:/);
  await page.getByRole('link', { name: 'Refused only' }).click();
  assert.equal(await page.locator('#requests tbody tr:not(.refused)').count(), 0);
  assert.ok(await page.locator('#requests tbody tr').count() > 0);
  await m.photograph(page, 'inspector-refused');
});

test('the clock is moved on', async () => {
  const page = await overview();
  const before = (await m.second('GET', '/clock')).now;
  await page.getByRole('button', { name: '+1h', exact: true }).click();
  await said(page, /what was due has happened/);
  const now = (await m.second('GET', '/clock')).now;
  assert.ok(Date.parse(now) - Date.parse(before) >= 3_600_000);
});

test('a fault that is set strikes, and is then used up', async () => {
  const payment = await m.create('vipps');
  const page = await overview();
  await page.getByText('Set a fault').click();
  const form = page.locator('#set-fault form');
  await form.getByLabel('Method').selectOption('GET');
  await form.getByLabel('Path').fill('/psp/vipps/payments/*');
  await form.getByLabel('Status').fill('429');
  await form.getByLabel('Retry after, s').fill('2');
  await m.photograph(page, 'inspector-fault');
  await form.getByRole('button', { name: 'Set it' }).click();
  await said(page, /^Fault \S+ is set/);
  await page.locator('#faults li').first().waitFor();
  await m.ask('GET', payment.id, undefined, { want: 429 });
  await m.ask('GET', payment.id, undefined, { want: 200 });
});

test('the recording is there to download', async () => {
  const page = await overview();
  const loaded = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download HAR' }).click();
  assert.equal((await loaded).suggestedFilename(), 'kassa.har');
});

test('it looks right: no page scrolls sideways, axe-core finds nothing', async () => {
  const payment = await m.create('creditcard');
  for (const width of [320, 1280]) {
    const page = await overview({ bypassCSP: true, viewport: { width, height: 800 } });
    for (const what of ['overview', 'payment']) {
      if (what === 'payment') await sheet(page, payment);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, what);
      if (width > 320) continue; // the page is the same
      await page.addScriptTag({ path: axe });
      const { violations } = await page.evaluate(() => axe.run());
      assert.deepEqual(violations.map((v) => `${what}: ${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`), []);
    }
  }
  await m.photograph(await overview(), 'inspector');
});
