// The script behind view-* hrefs: a shop's page, the checkout in its frame, and what the shop is told.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { fresh, stage } from './harness.js';

let s;
before(async () => { s = await stage(); });
afterEach(() => s.close());
after(() => s.end());

const names = { creditcard: 'creditCard', invoice: 'invoice', swish: 'swish', vipps: 'vipps', mobilepay: 'mobilePay', trustly: 'trustly' };

// embed opens a page with a checkout in it, of the shop or of who is named, and answers the page, the frame in it and
// the id of the payment.
async function embed(instrument, { at = s.shop, listen = true, culture = '', options = {} } = {}) {
  const page = await s.page(options);
  const name = fresh();
  await page.goto(`${at}/shop/view?instrument=${instrument}&name=${name}${listen ? '&listen=1' : ''}${culture && `&Culture=${culture}`}`);
  return { page, name, frame: page.frameLocator('iframe'), id: `/psp/${instrument}/payments/${name}` };
}

// told waits until the shop has been told as much as is wanted.
async function told(page, want) {
  await page.waitForFunction((n) => window.told.length >= n, want.length);
  assert.deepEqual(await page.evaluate(() => window.told), want);
}

const press = (frame, act) => frame.locator(`button[value=${act}]`).click();

for (const instrument of Object.keys(names)) {
  test(`${instrument}: the shop is told of all that happens`, async () => {
    const { page, frame, id } = await embed(instrument);
    assert.deepEqual(await page.evaluate(() => Object.keys(payex.hostedView)), [names[instrument]]);
    await told(page, [{ name: 'onPaymentCreated', id }]);
    if (instrument === 'creditcard') await frame.locator('input[name=card]').nth(1).check();
    await press(frame, 'pay');
    await told(page, [{ name: 'onPaymentCreated', id }, { name: 'onPaymentPending', id }]);
    await press(frame, 'confirm');
    const all = [{ name: 'onPaymentCreated', id }, { name: 'onPaymentPending', id },
      { name: 'onPaymentCompleted', id, redirectUrl: `${s.shop}/shop/complete` }];
    await told(page, all);
    await page.evaluate(() => view.refresh());
    await frame.locator('.stamp.paid').waitFor();
    await page.waitForFunction(() => document.querySelector('iframe').style.height !== '640px');
    await told(page, all); // once is enough
    assert.match(page.url(), /shop\/view/, 'the shop has a function for it and was left alone');
    assert.deepEqual(page.complaints, []);
  });
}

test('failing and cancelling are told', async () => {
  for (const [act, name, where] of [['timeout', 'onPaymentFailed', 'complete'], ['cancel', 'onPaymentCanceled', 'moved']]) {
    const { page, frame, id } = await embed('swish');
    await told(page, [{ name: 'onPaymentCreated', id }]); // a page that is left before it was greeted tells nothing
    await press(frame, act);
    await told(page, [{ name: 'onPaymentCreated', id }, { name, id, redirectUrl: `${s.shop}/shop/${where}` }]);
  }
});

test('without functions the shop\'s page goes on', async () => {
  for (const [act, where] of [['confirm', 'complete'], ['cancel', 'moved'], ['timeout', 'complete']]) {
    const { page, frame } = await embed('swish', { listen: false });
    if (act === 'confirm') await press(frame, 'pay');
    await press(frame, act);
    await page.waitForURL(where === 'moved' ? `${s.stranger}/shop/cancel` : `${s.shop}/shop/${where}`);
  }
});

test('the link in the frame leads the whole page back', async () => {
  const { page, frame } = await embed('swish');
  await press(frame, 'cancel');
  await frame.getByRole('link', { name: /^Back to/ }).click();
  await page.waitForURL(`${s.stranger}/shop/cancel`);
});

test('a form in a frame is answered there and nowhere else', async () => {
  const { page, frame } = await embed('swish');
  const refused = page.waitForEvent('console', (said) => /form-action/.test(said.text()));
  await frame.locator('form').evaluate((form, to) => { form.action = to; form.querySelector('button').click(); }, `${s.stranger}/shop/complete`);
  await refused;
});

test('the frame is as high as its page, has a name, and speaks the shop\'s language', async () => {
  const { page, frame } = await embed('creditcard', { culture: 'sv-SE' });
  assert.equal(await frame.locator('h1').textContent(), 'Betala med kort');
  assert.equal(await page.locator('iframe').getAttribute('title'), 'Payment');
  await page.waitForFunction(() => document.querySelector('iframe').offsetHeight > 700);
  const before = await page.locator('iframe').evaluate((e) => e.offsetHeight);
  const inside = await frame.locator('html').evaluate((e) => [e.scrollHeight, e.clientHeight]);
  assert.equal(inside[0], inside[1], 'the frame scrolls');
  await frame.locator('summary').first().click();
  await page.waitForFunction((h) => document.querySelector('iframe').offsetHeight > h, before);
});

test('terms: the shop shows them itself, or they open in a window of their own', async () => {
  const { page, frame, id } = await embed('swish');
  await told(page, [{ name: 'onPaymentCreated', id }]); // which says that the page was greeted and listens to clicks
  await frame.locator('#terms').click();
  await told(page, [{ name: 'onPaymentCreated', id }, { name: 'onPaymentToS', id, owner: 'merchant', openUrl: `${s.shop}/shop/terms` }]);

  const other = await embed('swish', { listen: false });
  const window = other.page.waitForEvent('popup');
  await other.frame.locator('#terms').click();
  assert.equal((await window).url(), `${s.shop}/shop/terms`);
});

test('a page that hostUrls do not name gets nothing but an error', async () => {
  const page = await s.page();
  await page.clock.install();
  await page.goto(`${s.stranger}/shop/view?instrument=swish&name=${fresh()}&listen=1`);
  const frame = await (await page.waitForSelector('iframe')).contentFrame();
  await frame.waitForLoadState();
  assert.match(frame.url(), /^chrome-error:/);
  await page.clock.runFor(9000);
  const [error, ...more] = await page.evaluate(() => window.told);
  assert.deepEqual(more, []);
  assert.equal(error.name, 'onError');
  assert.equal(error.messageId, 'noanswer');
  assert.match(error.details, /stranger\.localhost.*hostUrls/);
});

test('a page that is framed by a stranger all the same does not answer', async () => {
  const page = await s.page();
  await page.clock.install();
  await page.route('**/toy/**', async (route) => { // without the policy, the script in the page is left to guard it
    const response = await route.fetch();
    const headers = response.headers();
    delete headers['content-security-policy'];
    await route.fulfill({ response, headers });
  });
  await page.goto(`${s.stranger}/shop/view?instrument=swish&name=${fresh()}&listen=1`);
  await page.frameLocator('iframe').locator('h1').waitFor();
  await page.clock.runFor(9000);
  assert.deepEqual(await page.evaluate(() => window.told.map((t) => t.messageId)), ['noanswer']);
});

test('an element that is not there is an error', async () => {
  const { page, id } = await embed('swish');
  await told(page, [{ name: 'onPaymentCreated', id }]); // of the view that is there; what follows is about another
  await page.evaluate(() => { window.told = []; payex.hostedView.swish({ container: 'nowhere', onError: (e) => told.push(e) }).open(); });
  assert.deepEqual(await page.evaluate(() => told), [{ origin: 'swish', messageId: 'container', details: 'config.container names no element of this page' }]);
});

test('only the frame itself is believed', async () => {
  const { page, id } = await embed('swish');
  await told(page, [{ name: 'onPaymentCreated', id }]);
  const forged = { kassa: 'page', event: 'onPaymentCompleted', id, redirectUrl: `${s.stranger}/shop/complete` };
  await page.evaluate((m) => window.postMessage(m, '*'), forged); // the shop's own page
  await page.evaluate(({ m, src }) => new Promise((resolve) => { // another frame from the sandbox's own origin
    const other = Object.assign(document.createElement('iframe'), { src });
    other.onload = resolve;
    document.body.append(other);
  }), { src: `${s.sandbox}/shop/complete` });
  await page.frames().at(-1).evaluate((m) => parent.postMessage(m, '*'), forged);
  const real = page.frames()[1];
  await real.evaluate(() => { location.href = location.href.replace('127.0.0.1', 'stranger.localhost').replace(/\/toy.*/, '/shop/complete'); }).catch(() => {});
  await page.waitForFunction(() => true);
  await real.waitForURL(/stranger\.localhost/);
  await real.evaluate((m) => parent.postMessage(m, '*'), forged); // the right frame, gone elsewhere
  await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 0); }));
  await told(page, [{ name: 'onPaymentCreated', id }]);
});

test('the framed page greets nobody but its shop', async () => {
  const { page, frame, id } = await embed('swish');
  await told(page, [{ name: 'onPaymentCreated', id }]);
  // A message from the framed page to itself is not from its parent; one that is no greeting is none.
  const heard = await page.evaluate(() => new Promise((resolve) => {
    let n = 0;
    window.addEventListener('message', (m) => { n += m.data.event ? 1 : 0; }); // its height may change
    const inside = document.querySelector('iframe').contentWindow;
    inside.postMessage({ kassa: 'other' }, '*');
    inside.postMessage('hello', '*');
    inside.postMessage({ kassa: 'hello' }, '*'); // it was greeted already
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(n)));
  }));
  assert.equal(heard, 0);
  assert.ok(await frame.locator('h1').isVisible());
});

test('close takes the frame away, and open brings a new one', async () => {
  const { page, frame } = await embed('swish');
  await frame.locator('h1').waitFor();
  await page.evaluate(() => view.close());
  assert.equal(await page.locator('iframe').count(), 0);
  await page.evaluate(() => { view.refresh(); view.open(); view.open(); });
  assert.equal(await page.locator('iframe').count(), 1);
  await frame.locator('h1').waitFor();
});
