// A sandbox as `kassa sandbox` runs it, and a small merchant: a shop with pages, which creates payments and is told of them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { browse } from './harness.js';

const patience = 60_000; // milliseconds, for machines that have much else to do

// until asks again and again until there is an answer.
export async function until(what, ask) {
  for (const end = Date.now() + patience; ;) {
    const answer = await ask();
    if (answer) return answer;
    assert.ok(Date.now() < end, `in vain: ${what}`);
    await wait(50);
  }
}

// sandbox starts `kassa sandbox` with a judge, reads from its welcome where its doors are, and answers them and how to end
// it, which has to be with exit status 0: then the judge has found nothing.
async function sandbox(...flags) {
  const child = spawn(process.env.KASSA_BIN, ['sandbox', '--addr', '127.0.0.1:0', '--admin-addr', '127.0.0.1:0', '--judge', '--seed', '1', ...flags],
    { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => { child.once('close', (code, signal) => resolve(code ?? signal)); });
  let said = '';
  let complained = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { said += text; });
  child.stderr.setEncoding('utf8').on('data', (text) => { complained += text; });
  let status;
  ended.then((code) => { status = code; });
  const at = await until('the welcome of the sandbox', () => {
    assert.equal(status, undefined, `the sandbox ended: ${complained}`);
    return /kassa pay \S/.test(said) && said;
  });
  const address = (name) => new RegExp(`${name} +(http\\S+)`).exec(at)[1];
  return {
    api: address('Swedbank Pay').replace(/\/psp$/, ''),
    admin: address('second door \\(payers\\)'),
    async end() {
      child.kill('SIGTERM');
      assert.equal(await ended, 0, complained);
      assert.match(complained, /^(\d+) exchanges?: \1 judged, 0 unjudged\b.*; 0 errors/m);
    },
  };
}

// shopPage is a page of the shop; /view loads the script of a payment, and writes down in window.told what it is told.
function shopPage(url) {
  const page = (text) => `<!doctype html><html lang="en"><link rel="icon" href="data:,"><meta name="viewport" content="width=device-width"><title>shop</title><h1>${text}</h1>`;
  const script = url.searchParams.get('script');
  if (url.pathname !== '/view') return page(url.pathname.slice(1));
  return `${page('shop')}<div id="here"></div>
<script src="${script.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"></script>
<script>window.told = []; window.view = Object.values(payex.hostedView)[0](new Proxy({ container: 'here' }, {
  get: (c, name) => name in c || !name.startsWith('on') ? c[name] : detail => told.push({ name, ...detail }) })); view.open();</script>`;
}

const kinds = {
  creditcard: { operation: 'Purchase', intent: 'Authorization', currency: 'SEK', type: 'CreditCard' },
  invoice: { operation: 'FinancingConsumer', intent: 'Authorization', currency: 'SEK', type: 'Invoice', beside: { invoice: { invoiceType: 'PayExFinancingSe' } } },
  swish: { operation: 'Purchase', intent: 'Sale', currency: 'SEK', type: 'Swish' },
  vipps: { operation: 'Purchase', intent: 'Authorization', currency: 'NOK', type: 'Vipps' },
  mobilepay: { operation: 'Purchase', intent: 'Authorization', currency: 'DKK', type: 'Visa', beside: { mobilepay: { shoplogoUrl: 'https://example.com/logo.png' } } },
  trustly: { operation: 'Purchase', intent: 'Sale', currency: 'SEK', type: 'Trustly' },
};

let references = 0;

// market starts a sandbox, a merchant and a browser.
export async function market(...flags) {
  const box = await sandbox(...flags);
  const callbacks = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://127.0.0.1');
    if (url.pathname === '/callback') {
      let body = '';
      for await (const part of request.setEncoding('utf8')) body += part;
      callbacks.push(JSON.parse(body));
      response.end();
      return;
    }
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(shopPage(url));
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const port = server.address().port;
  const shop = `http://shop.localhost:${port}`;
  const browser = await browse();

  // ask asks the first door, or another place, as a merchant with a token.
  async function ask(method, path, body, { token = 'merchant', want, to = box.api } = {}) {
    const answer = await fetch(new URL(path, to), {
      method, body: body && JSON.stringify(body),
      headers: { ...(token && { Authorization: `Bearer ${token}` }), ...(body && { 'Content-Type': 'application/json' }), 'User-Agent': 'shop/1.0' },
    });
    const text = await answer.text();
    assert.ok(want ? answer.status === want : answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  }

  // create makes a payment, and answers its id, its offers by rel, and what may be asked of it.
  async function create(instrument, { payment = {}, urls = {}, beside, amount = 125050, language = 'en-US', token = 'merchant' } = {}) {
    const kind = kinds[instrument];
    const made = await ask('POST', `/psp/${instrument}/payments`, {
      payment: {
        operation: kind.operation, intent: kind.intent, currency: kind.currency, prices: [{ type: kind.type, amount, vatAmount: 0 }],
        description: 'Two tickets, row 4', userAgent: 'Mozilla/5.0', language,
        urls: { hostUrls: [shop], completeUrl: `${shop}/complete`, cancelUrl: `${shop}/cancel`, callbackUrl: `http://127.0.0.1:${port}/callback`, ...urls },
        payeeInfo: { payeeId: '5cabf558-5283-482f-b252-4d58e06f6f3b', payeeReference: `order${++references}`, payeeName: 'Ticket Shop' },
        ...payment,
      }, ...(beside ?? kind.beside),
    }, { token });
    const { id } = made.payment;
    const href = (rel) => {
      const offered = made.operations.find((o) => o.rel.startsWith(rel));
      assert.ok(offered, `${rel} is not offered: ${JSON.stringify(made.operations)}`);
      return offered.href;
    };
    const read = (expand = 'transactions') => ask('GET', `${id}?$expand=${expand}`, undefined, { token });
    return {
      id, href, read,
      page: href('redirect-'),
      // told waits for so many callbacks.
      told: (n = 1) => until(`${n} callbacks of ${id}`, () => {
        const of = callbacks.filter((c) => c.payment.id === id);
        return of.length >= n && of;
      }),
      abort: () => ask('PATCH', id, { payment: { operation: 'Abort', abortReason: 'CancelledByConsumer' } }, { token }),
      // attempts are the payer's, each as "Authorization Completed".
      attempts: async () => ((await read()).payment.transactions?.transactionList ?? []).map((t) => `${t.type} ${t.state}`),
    };
  }

  return {
    ...browser, ...box, shop, stranger: `http://stranger.localhost:${port}`, ask, create, kinds,
    // photograph leaves a picture of a page, as a phone and as a desk show it, in the folder KASSA_ALBUM.
    async photograph(page, name) {
      const before = page.viewportSize();
      for (const width of process.env.KASSA_ALBUM ? [375, 1280] : []) {
        await page.setViewportSize({ width, height: 800 });
        await page.screenshot({ path: join(process.env.KASSA_ALBUM, `${name.replaceAll(' ', '-')}-${width}.png`), fullPage: true });
      }
      await page.setViewportSize(before);
    },
    // second asks the second door.
    second: (method, path, body, { namespace, ...more } = {}) => ask(method, path + (namespace ? `?namespace=${namespace}` : ''), body, { token: '', to: box.admin, ...more }),
    async end() {
      await browser.end();
      server.closeAllConnections();
      server.close();
      await box.end();
    },
  };
}
