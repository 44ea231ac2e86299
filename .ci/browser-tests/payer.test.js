// The payer's whole way through a running sandbox: a shop creates payments, Chromium pays them, the shop is told.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { market } from './merchant.js';

let m;
before(async () => { m = await market(); });
afterEach(() => m.close());
after(() => m.end());

const plain = { javaScriptEnabled: false };
const press = (page, act) => page.locator(`button[value=${act}]`).click();
const title = (page) => page.locator('h1').textContent();
const chosen = (page, number) => page.locator(`input[name=card][value="${number}"]`).check();
const withoutStep = '4925000000000004';
const withStep = '4761739001010416';
const rejected = '4111112000004565';

// visit opens the page of a new payment.
async function visit(instrument, { browser = {}, ...more } = {}) {
  const payment = await m.create(instrument, more);
  const page = await m.page(browser);
  await page.goto(payment.page);
  return { payment, page };
}

// back waits until the payer is at the shop.
const back = (page, where = 'complete') => page.waitForURL(`${m.shop}/${where}`);

// paid asserts that the shop was told, and reads the same: attempts, the last of which succeeded.
async function paid(payment, ...attempts) {
  await payment.told(attempts.length);
  assert.deepEqual(await payment.attempts(), attempts);
}

const ways = {
  'a card': ['creditcard', 'Authorization', (page) => chosen(page, withoutStep)],
  'a card with 3-D Secure': ['creditcard', 'Authorization', (page) => chosen(page, withStep), 'Approve at your bank'],
  invoice: ['invoice', 'Authorization', () => {}, 'Is this you?'],
  Swish: ['swish', 'Sale', (page) => page.fill('#msisdn', '+46 73 900 00 01'), 'Confirm in Swish'],
  Vipps: ['vipps', 'Authorization', (page) => page.fill('#msisdn', '+4798765432'), 'Confirm in Vipps'],
  MobilePay: ['mobilepay', 'Authorization', (page) => page.fill('#msisdn', '+4522222222'), 'Confirm in MobilePay'],
  Trustly: ['trustly', 'Sale', (page) => page.selectOption('#bank', 'SEB'), 'Approve at your bank'],
};

for (const [name, [instrument, kind, fill, second]] of Object.entries(ways)) {
  test(`${name}: the payer pays, is back at the shop, and the shop is told`, async () => {
    const { payment, page } = await visit(instrument);
    const sum = await page.locator('.total dd').textContent();
    assert.equal(sum.replaceAll(/\s/g, ' '), `1,250.50 ${m.kinds[instrument].currency}`);
    await m.photograph(page, `${name}-1`);
    await fill(page);
    await press(page, 'pay');
    if (second) {
      assert.equal(await title(page), second);
      await m.photograph(page, `${name}-2`);
      await press(page, 'confirm');
    }
    await back(page);
    await paid(payment, `${kind} Completed`);
    const { payment: read } = await payment.read();
    assert.equal(kind === 'Sale' ? read.remainingReversalAmount : read.remainingCaptureAmount, 125050);

    await page.goBack(); // what was paid is not asked for again
    await page.locator('.stamp.paid').waitFor();
    await page.getByRole('link', { name: 'Back to Ticket Shop' }).click();
    await back(page);
    assert.deepEqual(page.complaints, []);
  });
}

test('a card is verified, and nothing is charged', async () => {
  const { payment, page } = await visit('creditcard', {
    payment: { operation: 'Verify', intent: undefined, prices: undefined, generatePaymentToken: true }, beside: { creditCard: { rejectDebitCards: false } },
  });
  assert.equal(await title(page), 'Verify your card');
  assert.equal(await page.locator('.total').count(), 0);
  await chosen(page, withStep);
  await press(page, 'pay');
  await press(page, 'confirm');
  await back(page);
  await paid(payment, 'Verification Completed');
  const { operations } = await payment.read();
  assert.ok(operations.some((o) => o.rel === 'paid-payment'));
  await page.goBack();
  assert.equal(await title(page), 'Verified');
  await m.photograph(page, 'verified');
});

test('a decline is announced with its reason, and the second attempt pays', async () => {
  const { payment, page } = await visit('creditcard');
  await page.selectOption('#reason', 'acquirercardstolen');
  await press(page, 'decline');
  const alert = page.getByRole('alert');
  assert.match(await alert.textContent(), /Card stolen, response-code: 43/);
  assert.ok(await alert.evaluate((e) => e === document.activeElement), 'what went wrong has the focus');
  await m.photograph(page, 'declined');
  await chosen(page, withoutStep);
  await press(page, 'pay');
  await back(page);
  await paid(payment, 'Authorization Failed', 'Authorization Completed');
});

test('at the third failure the payer goes back to the shop, and the payment has failed', async () => {
  const { payment, page } = await visit('creditcard', { language: 'sv-SE' });
  await press(page, 'decline');
  await chosen(page, rejected);
  await press(page, 'pay');
  await chosen(page, withStep);
  await press(page, 'pay');
  assert.equal(await title(page), 'Godkänn hos banken');
  await press(page, 'decline');
  await back(page);
  const { problem } = (await payment.read()).payment.transactions.transactionList[2];
  assert.match(problem.type, /3dsecureusercancelled$/, 'the payer cancelled at the bank');
  await paid(payment, ...Array(3).fill('Authorization Failed'));
  assert.equal((await payment.read()).payment.state, 'Failed');
  await page.goBack();
  await page.locator('.stamp.failed').waitFor();
  await m.photograph(page, 'failed');
});

test('cancelling leads to cancelUrl and changes nothing', async () => {
  const { payment, page } = await visit('trustly');
  await press(page, 'cancel');
  await back(page, 'cancel');
  assert.deepEqual(await payment.attempts(), []);
  assert.equal((await payment.read()).payment.state, 'Ready');
});

test('a payer who does nothing is told that it was too late', async () => {
  const { payment, page } = await visit('swish');
  await page.fill('#msisdn', '+46739000001');
  await press(page, 'pay');
  await press(page, 'timeout');
  assert.match(await page.getByRole('alert').textContent(), /timed out/);
  await paid(payment, 'Sale Failed');
});

test('Swedish, with the keyboard alone: what is wrong is said, then the card is paid', async () => {
  const { payment, page } = await visit('creditcard', { language: 'sv-SE' });
  assert.equal(await page.locator('html').getAttribute('lang'), 'sv');
  const key = (k) => page.keyboard.press(k);
  const reach = async (selector) => {
    for (let i = 0; i < 40; i++) {
      await key('Tab');
      if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return;
    }
    assert.fail(`Tab never reaches ${selector}`);
  };
  await reach('input[name=card]');
  await key('ArrowUp'); // the radio buttons are a ring, and the last of them is the card that is typed
  await reach('#number');
  await page.keyboard.type('4925 0000 0000 0004');
  await reach('button[value=pay]');
  await key('Enter');
  const alert = page.locator('#faults');
  await alert.waitFor();
  assert.ok(await alert.evaluate((e) => e === document.activeElement));
  assert.match(await page.title(), /^Kontrollera/);
  await m.photograph(page, 'faults');
  await reach('#expiry');
  await page.keyboard.type('12/40');
  await reach('#cvc');
  await page.keyboard.type('123');
  await key('Enter');
  await back(page);
  await paid(payment, 'Authorization Completed');
});

test('without JavaScript, at 320 pixels, nothing scrolls sideways and Swish is paid', async () => {
  const { payment, page } = await visit('swish', { browser: { ...plain, viewport: { width: 320, height: 640 } } });
  const fits = async () => {
    const box = await page.locator('html').boundingBox();
    assert.equal(box.width, 320);
  };
  await fits();
  await page.fill('#msisdn', '+46739000001');
  await press(page, 'pay');
  await fits();
  await press(page, 'confirm');
  await page.locator('.waiting').waitFor();
  await fits();
  await m.photograph(page, 'waiting');
  await back(page); // it looks again by itself
  await paid(payment, 'Sale Completed');
});

test('at 320 pixels no page scrolls sideways, however long the words of the shop', async () => {
  const page = await m.page({ viewport: { width: 320, height: 640 } });
  for (const instrument of Object.keys(m.kinds)) {
    for (const language of ['sv-SE', 'en-US']) {
      await page.goto((await m.create(instrument, { language, payment: { description: 'Konsertbiljetter'.repeat(2) } })).page);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, `${instrument}, ${language}`);
    }
  }
});

test('who presses twice acts once', async () => {
  const { payment, page } = await visit('creditcard');
  await page.locator('button[value=decline]').dblclick();
  await page.getByRole('alert').waitFor();
  await page.waitForLoadState();
  assert.deepEqual(await payment.attempts(), ['Authorization Failed']);
  await chosen(page, withoutStep);
  await page.locator('button[value=pay]').dblclick();
  await back(page);
  await paid(payment, 'Authorization Failed', 'Authorization Completed');

  // The same form twice at once, as two connections bring it.
  const other = await visit('vipps');
  await other.page.fill('#msisdn', '+4798765432');
  await press(other.page, 'pay');
  const sent = await other.page.locator('form').evaluate((form) => String(new URLSearchParams(new FormData(form, form.querySelector('[value=confirm]')))));
  const answers = await Promise.all([1, 2, 3, 4].map(() => fetch(other.payment.page, {
    method: 'POST', body: sent, redirect: 'manual', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  })));
  assert.deepEqual(answers.map((a) => `${a.status} ${a.headers.get('location')}`), Array(4).fill(`303 ${m.shop}/complete`));
  await paid(other.payment, 'Authorization Completed');
});

test('a reload repeats nothing', async () => {
  const { payment, page } = await visit('creditcard');
  await press(page, 'decline');
  await page.getByRole('alert').waitFor();
  await page.reload();
  assert.match(await page.getByRole('alert').textContent(), /response-code/);
  assert.deepEqual(await payment.attempts(), ['Authorization Failed']);
});

test('a link that is open in two tabs: the older page leads on to where the payment is', async () => {
  const { payment, page } = await visit('creditcard');
  const other = await page.context().newPage();
  await other.goto(payment.page);
  await chosen(page, withStep);
  await press(page, 'pay');
  assert.equal(await title(page), 'Approve at your bank');
  await chosen(other, withoutStep);
  await press(other, 'pay');
  assert.equal(await title(other), 'Approve at your bank');
  await press(page, 'confirm');
  await back(page);
  await press(other, 'timeout');
  await other.locator('.stamp.paid').waitFor();
  await paid(payment, 'Authorization Completed');

  // Leaving is possible from an older page too.
  const away = await visit('swish');
  const second = await away.page.context().newPage();
  await second.goto(away.payment.page);
  await second.fill('#msisdn', '+46739000001');
  await press(second, 'pay');
  await press(away.page, 'cancel');
  await back(away.page, 'cancel');
});

test('a payment that the shop takes back while its page is open', async () => {
  const { payment, page } = await visit('vipps');
  await payment.abort();
  await page.fill('#msisdn', '+4798765432');
  await press(page, 'pay');
  assert.equal(await title(page), 'The shop took this payment back');
  assert.equal(await page.locator('form').count(), 0);
  await m.photograph(page, 'aborted');
  assert.deepEqual(await payment.attempts(), []);
});

test('a link that is too old, and one that nobody knows', async () => {
  const token = 'patient'; // with a clock of its own
  const { payment, page } = await visit('invoice', { token });
  const { namespaces } = await m.second('GET', '/namespaces');
  const { payments } = await m.second('GET', '/payments');
  const namespace = payments.find((p) => p.id === payment.id).namespace;
  assert.ok(namespaces.some((n) => n.name === namespace));
  await m.second('POST', '/clock', { advance: '673h' }, { namespace });
  await press(page, 'pay');
  assert.equal(await title(page), 'This link is too old');
  await m.photograph(page, 'expired');
  const answer = await page.goto(payment.page.replace(/[0-9a-f]{8}$/, '00000000'));
  assert.equal(answer.status(), 404);
  assert.equal(await title(page), 'No such payment');
  await m.photograph(page, 'unknown');
});

test('Resurs: the page of a widget session', async () => {
  const client = { grant_type: 'client_credentials', scope: 'mock-merchant-api', client_id: 'widget-shop', client_secret: 'secret' };
  const { access_token: token } = await m.ask('POST', '/oauth2/token', client, { token: '' });
  const { data } = await m.ask('POST', '/api/mock_payment_widget_service/session', { storeId: '550e8400-e29b-41d4-a716-446655440000' }, { token });
  const page = await m.page();
  const widget = (key) => page.goto(`${m.api}/widget?token=${key}`);
  assert.equal((await widget(data.token)).status(), 200);
  assert.ok(await page.locator('.methods li').count() > 1);
  await m.photograph(page, 'widget');

  assert.equal((await widget('rpmw_nobody')).status(), 401);
  assert.match(await page.getByRole('alert').textContent(), /No session has this token/);
  await page.fill('#token', ` ${data.token} `);
  await page.getByRole('button').click();
  await page.locator('.methods li').first().waitFor();
  assert.ok(!page.url().includes(data.token), 'a token that is typed is not written into the address');

  await m.ask('POST', '/clock', { advance: '1h' }, { token, to: m.admin });
  assert.equal((await widget(data.token)).status(), 401);
  assert.match(await page.getByRole('alert').textContent(), /has expired/);
  await m.photograph(page, 'widget-expired');
});

test('nothing that the shop asked was refused', async () => {
  const { requests } = await m.second('GET', '/requests?limit=1000');
  const asked = requests.filter((r) => r.operation);
  assert.ok(asked.length > 40, `${asked.length} requests`);
  assert.deepEqual(asked.filter((r) => r.status >= 400).map((r) => `${r.method} ${r.path} ${r.status}`), []);
});

test('the inspector offers no recording where none is made', async () => {
  const page = await m.page();
  await page.goto(m.admin);
  await page.getByRole('heading', { name: 'Traffic' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Download HAR' }).count(), 0);
});
