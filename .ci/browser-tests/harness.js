// What the browser tests share: Chromium, and the preview server of the pages.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(process.env.KASSA_BROWSER_TOOLS);
const { chromium } = require('playwright-core');
export const axe = require.resolve('axe-core/axe.min.js');

// preview starts the server and answers its address, without the last slash, and how to stop it.
async function preview() {
  const server = spawn(process.env.KASSA_PREVIEW, ['-preview', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const address = await new Promise((resolve, reject) => {
    createInterface({ input: server.stdout }).once('line', (line) => resolve(line.replace(/\/$/, '')));
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`the preview server ended with ${code} before it said its address`)));
  });
  return { address, stop: () => server.kill() };
}

// browse starts a browser.
export async function browse() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const opened = [];
  return {
    // page opens a page in a context of its own. Whatever it complains about is in page.complaints.
    async page(options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      opened.push(context);
      context.setDefaultTimeout(60_000); // for machines that have much else to do
      const page = await context.newPage();
      page.complaints = [];
      page.on('console', (said) => ['error', 'warning'].includes(said.type()) && page.complaints.push(said.text()));
      page.on('pageerror', (error) => page.complaints.push(String(error)));
      page.on('request', (request) => {
        const { hostname } = new URL(request.url());
        if (!/^data:/.test(request.url()) && !/(^127\.0\.0\.1|(^|\.)localhost)$/.test(hostname)) page.complaints.push(`asks ${request.url()}`);
      });
      return page;
    },
    async close() {
      for (const context of opened.splice(0)) await context.close();
    },
    async end() {
      await browser.close();
    },
  };
}

// A stage is a browser beside the preview server. The shop and a stranger are the same server under other names, which
// are other sites to a browser.
export async function stage() {
  const { address, stop } = await preview();
  const browser = await browse();
  const port = new URL(address).port;
  return {
    ...browser,
    sandbox: address,
    shop: `http://shop.localhost:${port}`,
    stranger: `http://stranger.localhost:${port}`,
    async end() {
      await browser.end();
      stop();
    },
  };
}

let last = 0;

// fresh is a name that no payment of the toy has had.
export const fresh = () => `p${++last}`;
