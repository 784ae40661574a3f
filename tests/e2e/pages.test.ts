import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deskHome } from '#tests/support/desk-process.ts';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const there = existsSync(executablePath);
const reason = `no Chromium at ${executablePath}; install it or name it in CHROMIUM`;
// A missing browser is a reason to skip on somebody's own machine, and a failure where everything is to be checked.
if (!there && process.env['CI']) throw new Error(reason);
if (!there) process.stderr.write(`skipped tests/e2e/pages.test.ts: ${reason}\n`);

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describe.skipIf(!there)('the pages in a browser', () => {
  let home: Awaited<ReturnType<typeof deskHome>>;
  let browser: Browser;
  let url: string;
  let token: string;

  beforeAll(async () => {
    home = await deskHome();
    const { desk, url: at } = await home.up('demo');
    url = at;
    token = String((await desk.printed(/made for this run\):\s+(desk_\S+)/))[1]);
    browser = await chromium.launch({ executablePath, args });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await home.remove();
  });

  /** A page on which anything that goes wrong in the browser is noted. */
  const open = async (viewport: { width: number; height: number }): Promise<{ page: Page; faults: string[] }> => {
    const page = await browser.newPage({ viewport, colorScheme: 'light' });
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.location().url.includes('/docs')) faults.push(message.text());
    });
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== url && !request.url().startsWith('data:'))
        faults.push(`asked ${request.url()}`);
    });
    return { page, faults };
  };

  it.each([
    ['desktop', { width: 1280, height: 900 }],
    ['phone', { width: 390, height: 844 }],
  ])(
    'let somebody sign in, look around and replay a ticket on a %s',
    async (_name, viewport) => {
      const { faults, page } = await open(viewport);
      await page.goto(`${url}/`);
      expect(await page.textContent('h1')).toBe('Deskledger');
      await page.fill('#token', token);
      await page.click('form[action="/session"] button');
      await page.waitForURL(`${url}/queues`);

      await page.goto(`${url}/`);
      await page.fill('#ticket', '1001');
      await page.click('form[action="/replay"] button');
      await page.waitForURL(`${url}/tickets/1001/replay`);

      for (const [path, words] of [
        ['/queues', 'Billing'],
        ['/tickets/1001', 'Maria Silva'],
        ['/tickets/1001/replay', 'TicketCreated'],
        ['/tickets/1001/replay?step=4', 'Anna Keller'],
        ['/outbox', 'maria.silva@acme-industries.example'],
        ['/kpi', 'First response'],
        ['/docs/', 'Deskledger'],
      ] as const) {
        const response = await page.goto(url + path);
        expect([path, response?.status()]).toEqual([path, 200]);
        await page.getByText(words).first().waitFor();
        const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
        expect([path, overflow]).toEqual([path, 0]);
      }
      expect(faults).toEqual([]);
      await page.close();
    },
    120_000,
  );

  it('show nothing of the desk to somebody without a token', async () => {
    const { page } = await open({ width: 1280, height: 900 });
    for (const path of ['/queues', '/tickets/1001', '/tickets/1001/replay', '/outbox', '/kpi']) {
      const response = await page.goto(url + path);
      expect([path, response?.status()]).toEqual([path, 401]);
      expect(await page.content()).not.toMatch(/Maria|Silva|Keller/);
    }
    await page.close();
  }, 60_000);

  it('show HTML mail without running or fetching anything of it', async () => {
    const { faults, page } = await open({ width: 1280, height: 900 });
    await page.goto(`${url}/`);
    await page.fill('#token', token);
    await page.click('form[action="/session"] button');
    await page.goto(`${url}/tickets/1001`);
    for (const details of await page.locator('details').all()) await details.locator('summary').click();
    expect(await page.locator('script').count()).toBe(0);
    expect(await page.content()).not.toMatch(/steal|never run me/);
    expect(faults).toEqual([]);
    await page.close();
  }, 60_000);
});
