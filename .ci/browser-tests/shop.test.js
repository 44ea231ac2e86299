// The shop of examples/shop, from the shelf to the order that is paid: a shopper in Chromium, the shop itself, and a
// sandbox whose judge looks at everything the shop says to it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, test } from 'node:test';
import { axe } from './harness.js';
import { market } from './merchant.js';

// open opens the shop, and answers its address and how to close it, which has to be with exit status 0.
async function open(...flags) {
  const folder = await mkdtemp(join(tmpdir(), 'kassa-shop-'));
  const shop = spawn(process.env.KASSA_SHOP, ['--addr', '127.0.0.1:0', '--data', join(folder, 'orders.db'), ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => { shop.once('close', (code, signal) => resolve(code ?? signal)); });
  let complained = '';
  shop.stderr.setEncoding('utf8').on('data', (text) => { complained += text; });
  const line = await new Promise((resolve, reject) => {
    createInterface({ input: shop.stdout }).once('line', resolve);
    ended.then((code) => reject(new Error(`the shop ended with ${code} before it said its address: ${complained}`)));
  });
  return {
    address: /http:\/\/127\.0\.0\.1:\d+/.exec(line)[0],
    async close() {
      shop.kill('SIGINT');
      assert.equal(await ended, 0, complained);
      assert.equal(complained, '');
      await rm(folder, { recursive: true });
    },
  };
}

let m;
let shop;
before(async () => {
  m = await market();
  shop = await open('--api', m.api);
});
afterEach(() => m.close());
after(async () => {
  await shop.close();
  await m.end();
});

const button = (page, name) => page.getByRole('button', { name, exact: true });
const press = (page, act) => page.locator(`button[value=${act}]`).click(); // on the bank's pages
const stands = (page, headline) => page.getByRole('heading', { level: 1, name: headline, exact: true }).waitFor();
const state = (page, label) => page.locator('h1 .tag', { hasText: new RegExp(`^${label}$`) }).waitFor();

// choose takes a shopper from the shelf to the checkout, with two mugs and a bowl.
async function choose(browser = {}, at = shop) {
  const page = await m.page(browser);
  await page.goto(at.address);
  await page.getByLabel('How many').nth(0).fill('2');
  await page.getByLabel('How many').nth(1).fill('1');
  await button(page, 'To the checkout').click();
  await stands(page, 'Checkout');
  return page;
}

// buy goes on by a method, to the page of the bank. What else the form wants is for fill.
async function buy(method, fill = () => {}, browser = {}, at = shop) {
  const page = await choose(browser, at);
  await page.getByRole('radio', { name: method }).check();
  await fill(page);
  await button(page, 'Pay 1010.00 SEK').click();
  return page;
}

const number = async (page) => /\d+/.exec(await page.locator('.number').textContent())[0];

// desk opens the page of the staff for the order that the shopper's page shows.
async function desk(page) {
  const staff = await m.page();
  await staff.goto(`${shop.address}/staff/${await number(page)}`);
  return staff;
}

const ways = [
  { method: 'Card', paid: 'Thank you for your order', label: 'Reserved', act: async (page) => {
    await page.locator('input[name=card][value="4761739001010416"]').check();
    await press(page, 'pay');
    await press(page, 'confirm');
  } },
  { method: 'Swish', fill: (page) => page.getByLabel('Mobile number').fill('073-900 00 01'), paid: 'Thank you, your order is paid', label: 'Paid', act: async (page) => {
    assert.equal(await page.locator('#msisdn').inputValue(), '+46739000001', 'the number need not be typed twice');
    await press(page, 'pay');
    await press(page, 'confirm');
  } },
  { method: 'Bank transfer with Trustly', fill: async (page) => {
    await page.getByLabel('First name').fill('Azra');
    await page.getByLabel('Last name').fill('Oliveira');
  }, paid: 'Thank you, your order is paid', label: 'Paid', act: async (page) => {
    await page.selectOption('#bank', 'SEB');
    await press(page, 'pay');
    await press(page, 'confirm');
  } },
  { method: 'Invoice', paid: 'Thank you for your order', label: 'Reserved', act: async (page) => {
    await press(page, 'pay');
    await press(page, 'confirm');
  } },
];

for (const { method, fill, act, paid, label } of ways) {
  test(`${method}: from the shelf to the order that is paid, without a script`, async () => {
    const page = await buy(method, fill, { javaScriptEnabled: false });
    assert.ok(page.url().startsWith(m.api), 'the payer is at the bank');
    await act(page);
    await page.waitForURL(`${shop.address}/orders/*`);
    await stands(page, paid); // by way of the page that looks again by itself, where the bank takes its time
    assert.match(await page.locator('.facts').textContent(), new RegExp(`Method\\s*${method}`));
    const staff = await desk(page);
    await state(staff, label);
    assert.deepEqual([...page.complaints, ...staff.complaints], []);
  });
}

test('Resurs: the widget gets a session of the shopper, and the staff believe the portal', async () => {
  const page = await buy('Resurs');
  await stands(page, 'Pay with Resurs');
  await m.photograph(page, 'shop resurs');
  const opened = page.waitForEvent('popup');
  await button(page, 'Open the widget').click();
  const widget = await opened;
  await widget.getByRole('heading', { level: 2 }).first().waitFor();
  assert.match(await widget.locator('main').textContent(), /RESURS_INVOICE/);
  assert.ok(!widget.url().includes('rpmw_'), 'the token is in no address');
  await page.getByRole('link', { name: 'I am done there' }).click();
  await stands(page, 'Not paid yet');
  const staff = await desk(page);
  await button(staff, 'The portal says that it is paid').click();
  await state(staff, 'Paid');
  await page.reload();
  await stands(page, 'Thank you, your order is paid');
  assert.deepEqual([...page.complaints, ...staff.complaints], []);
});

test('a payer who is declined reads why, tries again, and pays', async () => {
  const page = await buy('Card');
  await page.selectOption('#reason', 'acquirerinsufficientfunds');
  await press(page, 'decline');
  await press(page, 'cancel'); // back to the shop
  await stands(page, 'The payment did not go through');
  await page.getByText('There is not enough money on the card.').waitFor();
  await page.getByText('You came back without paying.').waitFor();
  await m.photograph(page, 'shop declined');
  await button(page, 'Go on and pay').click();
  await page.locator('input[name=card][value="4925000000000004"]').check();
  await press(page, 'pay');
  await stands(page, 'Thank you for your order');
  assert.deepEqual(page.complaints, []);
});

test('an order that is not paid can be cancelled, and made again with the same basket', async () => {
  const page = await buy('Card');
  await press(page, 'cancel');
  await stands(page, 'Not paid yet');
  await button(page, 'Cancel the order').click();
  await stands(page, 'The order is cancelled');
  await page.getByRole('link', { name: 'Order the same again' }).click();
  await button(page, 'Pay 1010.00 SEK').waitFor();
  await page.getByRole('link', { name: 'Change the basket' }).click();
  assert.deepEqual(await page.getByLabel('How many').evaluateAll((all) => all.map((e) => e.value)), ['2', '1', '0', '0']);
  assert.deepEqual(page.complaints, []);
});

test('the staff capture a part, release the rest, and give some of it back', async () => {
  const page = await buy('Card');
  await page.locator('input[name=card][value="4925000000000004"]').check();
  await press(page, 'pay');
  await stands(page, 'Thank you for your order');
  const staff = await desk(page);
  const sum = (name) => staff.locator('.facts > div', { has: staff.getByText(name, { exact: true }) }).locator('dd');
  await m.photograph(staff, 'shop staff');

  await staff.getByLabel('Capture, in kronor').fill('2000');
  await button(staff, 'Capture').click();
  assert.equal(await staff.getByRole('alert').textContent(), 'Enter an amount of at most 1010.00 SEK.');
  assert.equal(await staff.getByLabel('Capture, in kronor').inputValue(), '2000');
  await m.photograph(staff, 'shop staff fault');
  await staff.getByLabel('Capture, in kronor').fill('590,00');
  await button(staff, 'Capture').click();
  await state(staff, 'Partly captured');
  assert.equal(await sum('Captured').textContent(), '590.00 SEK');
  await page.reload();
  await stands(page, 'Part of your order is on its way');

  await button(staff, 'Cancel the rest').click();
  await state(staff, 'Paid');
  await staff.getByLabel('Refund, in kronor').fill('295');
  await button(staff, 'Refund').click();
  await state(staff, 'Partly refunded');
  assert.equal(await sum('Released').textContent(), '420.00 SEK');
  assert.equal(await sum('Refunded').textContent(), '295.00 SEK');
  assert.deepEqual(await staff.locator('.operations .tag').allTextContents(), ['Done', 'Done', 'Done']);
  await staff.reload(); // sends nothing again
  assert.equal(await staff.locator('.operations li').count(), 3);
  await m.photograph(staff, 'shop staff done');
  await page.reload();
  await stands(page, 'Some of your money is on its way back');
  await staff.getByRole('link', { name: 'Orders' }).click();
  await stands(staff, 'Orders');
  await m.photograph(staff, 'shop orders');
  // The one complaint is that of Chromium about the status of the page that shows the fault.
  assert.deepEqual([...page.complaints, ...staff.complaints.filter((c) => !/status of 422/.test(c))], []);
});

test('a phone: nothing scrolls sideways, all that is pressed is high enough, and what is wrong is said', async () => {
  const page = await choose({ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
  const fits = async (at) => {
    const found = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      small: [...document.querySelectorAll('button, a, .choice, input:not([type=radio], [type=hidden])')]
        .filter((e) => e.checkVisibility()).map((e) => [e.textContent.trim() || e.name, e.getBoundingClientRect()])
        .filter(([, box]) => box.height > 0 && box.height < 44).map(([text, box]) => `${text}: ${box.height}`),
    }));
    assert.deepEqual(found, { wide: 320, small: [] }, at);
  };
  await fits('checkout');
  for (const method of ['Bank transfer with Trustly', 'Invoice', 'Swish']) {
    await page.getByRole('radio', { name: method }).tap();
    await fits(method);
  }
  await page.getByLabel('Mobile number').fill('12');
  await button(page, 'Pay 1010.00 SEK').tap();
  await page.getByRole('alert').getByRole('link', { name: /^Enter a Swedish mobile number/ }).tap();
  assert.ok(await page.getByLabel('Mobile number').evaluate((e) => e === document.activeElement), 'the link leads to the field');
  assert.equal(await page.getByLabel('Mobile number').inputValue(), '12');
  await fits('a fault');
  await page.goto(shop.address);
  await fits('shelf');
  await page.goto(`${shop.address}/staff`);
  await fits('staff');
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe-core finds nothing, and pictures are taken: ${colorScheme}`, async () => {
    const judge = async (page, name) => {
      await page.addScriptTag({ path: axe });
      const found = await page.evaluate(() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
      assert.deepEqual(found.violations.map((v) => `${name}: ${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`), []);
      assert.ok(found.passes.length > 10, `${name}: axe-core judged nothing`);
      await m.photograph(page, `shop ${name} ${colorScheme}`);
    };
    const browser = { bypassCSP: true, colorScheme }; // axe-core is a script, which the policy of the pages would refuse
    let page = await m.page(browser);
    for (const [name, path] of [['shelf', '/'], ['shelf empty', '/?empty'], ['nothing', '/orders/none']]) {
      await page.goto(shop.address + path);
      await judge(page, name);
    }
    page = await choose(browser);
    for (const method of ['Card', 'Swish', 'Bank transfer with Trustly', 'Invoice', 'Resurs']) {
      await page.getByRole('radio', { name: method }).check();
      await judge(page, `checkout ${method}`);
    }
    await page.getByRole('radio', { name: 'Bank transfer with Trustly' }).check();
    await button(page, 'Pay 1010.00 SEK').click();
    await page.getByRole('alert').waitFor();
    await judge(page, 'checkout fault');

    page = await buy('Resurs', undefined, browser);
    await stands(page, 'Pay with Resurs');
    await judge(page, 'widget');

    page = await buy('Card', undefined, browser);
    await press(page, 'cancel');
    await stands(page, 'Not paid yet');
    await judge(page, 'waiting');
    await button(page, 'Go on and pay').click();
    for (let n = 0; n < 3; n++) await press(page, 'decline');
    await stands(page, 'The payment failed');
    await judge(page, 'failed');

    page = await buy('Swish', (on) => on.getByLabel('Mobile number').fill('0739000001'), browser);
    await press(page, 'pay');
    await page.getByRole('heading', { name: 'Confirm in Swish' }).waitFor();
    await press(page, 'confirm');
    await stands(page, 'Thank you, your order is paid');
    await judge(page, 'paid');

    const staff = await m.page(browser);
    await staff.goto(`${shop.address}/staff/${await number(page)}`);
    await state(staff, 'Paid');
    await judge(staff, 'staff');
    await button(staff, 'Refund').click();
    await staff.locator('.operations .tag', { hasText: 'Under way' }).waitFor();
    await judge(staff, 'staff refund');
    await staff.goto(`${shop.address}/staff`);
    await judge(staff, 'staff orders');
    assert.deepEqual([...page.complaints, ...staff.complaints].filter((c) => !/status of 4\d\d/.test(c)), []);
  });
}

test('one command is enough: the shop brings its own sandbox', async () => {
  const alone = await open();
  try {
    const page = await buy('Card', undefined, {}, alone);
    assert.ok(!page.url().startsWith(alone.address), 'the payer is at the bank');
    await page.locator('input[name=card][value="4925000000000004"]').check();
    await press(page, 'pay');
    await stands(page, 'Thank you for your order');
    assert.ok(page.url().startsWith(alone.address));
    assert.deepEqual(page.complaints, []);
  } finally {
    await m.close();
    await alone.close();
  }
});
