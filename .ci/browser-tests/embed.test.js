// The Seamless View of a running sandbox: a shop's page loads the script behind a view-* href.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { market } from './merchant.js';

let m;
before(async () => { m = await market(); });
afterEach(() => m.close());
after(() => m.end());

const press = (frame, act) => frame.locator(`button[value=${act}]`).click();

// embed shows a new payment in a page of the shop, or of who is named.
async function embed(instrument, rel, { at = m.shop, browser = {} } = {}) {
  const payment = await m.create(instrument);
  const page = await m.page(browser);
  await page.goto(`${at}/view?${new URLSearchParams({ script: payment.href(rel) })}`);
  return { payment, page, frame: page.frameLocator('iframe') };
}

// told waits until the shop's page has been told as much as is wanted.
async function told(page, want) {
  await page.waitForFunction((n) => window.told.length >= n, want.length);
  assert.deepEqual(await page.evaluate(() => window.told), want);
}

for (const [instrument, rel, kind, fill] of [
  ['creditcard', 'view-authorization', 'Authorization', (frame) => frame.locator('input[value="4761739001010416"]').check()],
  ['swish', 'view-sales', 'Sale', (frame) => frame.locator('#msisdn').fill('+46739000001')],
  ['vipps', 'view-authorization', 'Authorization', (frame) => frame.locator('#msisdn').fill('+4798765432')],
]) {
  test(`${instrument}: paid in the shop's own page, which is told in order`, async () => {
    const { payment, page, frame } = await embed(instrument, rel);
    const { id } = payment;
    const all = [{ name: 'onPaymentCreated', id }];
    await told(page, all);
    await page.waitForFunction(() => document.querySelector('iframe').style.height !== '640px');
    await m.photograph(page, `view-${instrument}`);
    await fill(frame);
    await press(frame, 'pay');
    all.push({ name: 'onPaymentPending', id });
    await told(page, all);
    await press(frame, 'confirm');
    all.push({ name: 'onPaymentCompleted', id, redirectUrl: `${m.shop}/complete` });
    await told(page, all);
    await frame.locator('.stamp.paid').waitFor();
    await payment.told();
    assert.deepEqual(await payment.attempts(), [`${kind} Completed`]);
    assert.match(page.url(), /\/view\?/, 'the shop has functions and was left alone');
    assert.deepEqual(page.complaints, []);
  });
}

test('the script of a page of its own shows what was paid, and what was cancelled', async () => {
  const { payment, page, frame } = await embed('swish', 'view-payment');
  await press(frame, 'cancel');
  await told(page, [{ name: 'onPaymentCreated', id: payment.id }, { name: 'onPaymentCanceled', id: payment.id, redirectUrl: `${m.shop}/cancel` }]);
});

test('an origin that hostUrls do not name frames nothing', async () => {
  const { payment, page } = await embed('creditcard', 'view-authorization', { at: m.stranger });
  const frame = await (await page.waitForSelector('iframe')).contentFrame();
  await frame.waitForLoadState();
  assert.match(frame.url(), /^chrome-error:/);
  assert.ok(page.complaints.some((c) => /frame-ancestors/.test(c)), page.complaints.join('\n'));
  await told(page, []);
  assert.deepEqual(await payment.attempts(), []);
});
