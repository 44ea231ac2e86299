// Every instrument from the first page back to the shop, without JavaScript.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { fresh, stage } from './harness.js';

let s;
before(async () => { s = await stage(); });
afterEach(() => s.close());
after(() => s.end());

const plain = { javaScriptEnabled: false };
const press = (page, act) => page.locator(`button[value=${act}]`).click();

for (const instrument of ['creditcard', 'invoice', 'swish', 'vipps', 'mobilepay', 'trustly']) {
  test(`${instrument}: pay, confirm, back at the shop; then it is paid`, async () => {
    const page = await s.page(plain);
    const address = `${s.sandbox}/toy/${instrument}/${fresh()}?Culture=sv-SE`;
    await page.goto(address);
    if (instrument === 'creditcard') await page.locator('input[name=card]').nth(1).check();
    await press(page, 'pay');
    assert.equal(page.url(), address, 'a POST is answered with 303 to the page');
    await press(page, 'confirm');
    assert.equal(page.url(), `${s.shop}/shop/complete`);
    await page.goto(address);
    assert.equal(await page.locator('h1').textContent(), 'Betalningen är klar');
    await page.getByRole('link', { name: /Tillbaka till/ }).click();
    assert.equal(page.url(), `${s.shop}/shop/complete`);
    assert.deepEqual(page.complaints, []);
  });

  test(`${instrument}: decline for a reason, then cancel`, async () => {
    const page = await s.page(plain);
    const address = `${s.sandbox}/toy/${instrument}/${fresh()}`;
    await page.goto(address);
    await page.locator('select[name=reason]').selectOption('REJECTED_BY_ACQUIRER_CARD_STOLEN');
    await press(page, 'decline');
    assert.match(await page.getByRole('alert').textContent(), /REJECTED_BY_ACQUIRER_CARD_STOLEN/);
    await press(page, 'cancel');
    assert.equal(page.url(), `${s.stranger}/shop/cancel`, 'the shop redirects to another host');
    assert.deepEqual(page.complaints, []);
  });

  test(`${instrument}: let it time out at the second step`, async () => {
    const page = await s.page(plain);
    await page.goto(`${s.sandbox}/toy/${instrument}/${fresh()}`);
    if (instrument === 'creditcard') await page.locator('input[name=card]').nth(1).check();
    await press(page, 'pay');
    await press(page, 'timeout');
    assert.equal(page.url(), `${s.shop}/shop/complete`);
  });
}

test('a card is typed with the keyboard alone, and what is wrong is said', async () => {
  const page = await s.page(plain);
  await page.goto(`${s.sandbox}/toy/creditcard/${fresh()}`);
  const key = (k) => page.keyboard.press(k);
  assert.ok(await page.locator('#number').isHidden(), 'a listed card needs no number');
  await page.locator('input[name=card]:checked').focus();
  await key('ArrowUp'); // the radio buttons are a ring, and the last of them is the card that is typed
  assert.ok(await page.locator('#number').isVisible());
  await key('Tab'); // the folded cards
  while (!(await page.locator('#number').evaluate((e) => e === document.activeElement))) await key('Tab');
  await page.keyboard.type('4925 0000 0000 0004');
  await key('Tab');
  await page.keyboard.type('01/20');
  await key('Enter');

  const alert = page.locator('#faults');
  assert.ok(await alert.evaluate((e) => e === document.activeElement), 'the list of faults has the focus');
  assert.deepEqual(await alert.locator('a').allTextContents(), ['The card is no longer valid. Choose a later month.', 'Enter the security code.']);
  assert.equal(await page.locator('#number').inputValue(), '4925 0000 0000 0004');
  await key('Tab');
  await key('Enter'); // the link to the field
  assert.match(page.url(), /#expiry$/);
  await page.locator('#expiry').fill('12/40');
  await page.locator('#cvc').fill('123');
  await page.locator('#cvc').press('Enter');
  assert.equal(page.url(), `${s.shop}/shop/complete`);
});

test('an invoice for a listed person, another one, and one that is typed', async () => {
  const page = await s.page(plain);
  await page.goto(`${s.sandbox}/toy/invoice/${fresh()}`);
  await press(page, 'pay');
  assert.match(await page.locator('address').textContent(), /Azra Oliveira/);
  await press(page, 'back');
  await page.locator('input[name=person].other').check();
  await page.locator('#ssn').fill('600307-1161');
  await press(page, 'pay');
  assert.equal(await page.locator('#zip-fault').textContent(), 'Enter a postal code.');
  await page.locator('#zip').fill('19792');
  await press(page, 'pay');
  await press(page, 'confirm');
  assert.equal(page.url(), `${s.shop}/shop/complete`);
});

test('a page of its own cannot be framed', async () => {
  const page = await s.page();
  await page.goto(`${s.shop}/shop/complete`);
  await page.evaluate((src) => document.body.append(Object.assign(document.createElement('iframe'), { src })), `${s.sandbox}/toy/swish/${fresh()}`);
  const frame = await (await page.waitForSelector('iframe')).contentFrame();
  await frame.waitForLoadState();
  assert.match(frame.url(), /^chrome-error:/);
});
