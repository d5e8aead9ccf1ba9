import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { closeBrowsers, openBrowser } from '../support/browser.js';
import { PATIENCE, TicketOffice } from '../support/ticket-office.js';

const SCREENSHOTS = fileURLToPath(new URL('../../.test-build/screenshots/', import.meta.url));

/** Simulates hiding or showing the tab. A headless browser has no window that could cover it. */
const showOrHide = (hidden: boolean) => `
  Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
`;

/** Records the current text of an element, and each text that replaces it. */
const takeNotes = (selector: string) => `
  (() => {
    const node = document.querySelector(${JSON.stringify(selector)});
    const notes = [node.textContent];
    const observer = new MutationObserver(() => notes.push(node.textContent));
    observer.observe(node, { childList: true, characterData: true, subtree: true });
    return notes;
  })()
`;

afterEach(async () => {
  await closeBrowsers();
  await TicketOffice.closeAll();
});

describe('the page of the sample application', () => {
  it('shows each sale to every visitor at once, and goes on when a worker is killed', async () => {
    const office = await TicketOffice.open({
      CLUSTER_WORKERS: '3',
      TICKETS: '40',
      RESERVATION_SECONDS: '600',
    });
    const browser = await openBrowser();
    const buyer = await Visitor.open(browser, office.url);
    const watcher = await Visitor.open(browser, office.url);
    await watcher.sees('#stock', '0 of 40 sold');

    await buyer.clicks('#buy');
    await watcher.sees('#sales li', 'No. 1');
    await watcher.sees('#stock', '1 of 40 sold');
    await buyer.sees('#ticket', /No\.\s*1.*sold by slot/is);
    await watcher.sees('#visitors', /2 people here, on [12] workers?/);
    await watcher.sees('#job', /Last run by slot [012], at/);
    await buyer.clicks('#reserve');
    await buyer.sees('#ticket', 'reserved for you');
    await watcher.sees('#stock', '1 of 40 sold, 1 reserved');
    for (const slot of [0, 1, 2]) {
      await watcher.sees(`${cardOf(slot)}[data-look="good"]`, /ready · up .* requests? · \d+.MB/s);
    }
    await watcher.takesAPicture('ticket-rush.png');
    expect([...buyer.problems, ...watcher.problems]).toEqual([]);

    const victim = await watcher.teller();
    process.kill(victim.pid, 'SIGKILL');
    await watcher.sees(`#sales:not([data-pid="${victim.pid}"])`, 'Live updates from');
    await watcher.sees(
      `${cardOf(victim.slot)}[data-look="good"]:not([data-pid="${victim.pid}"])`,
      '',
    );
    await watcher.sees(cardOf(victim.slot), 'restarts 1');
    await buyer.clicks('#buy');
    await buyer.sees('#ticket', 'reserved before');
    await watcher.sees('#sales li', 'No. 2');
    await watcher.sees('#stock', '2 of 40 sold');

    await buyer.clicks('#put-back');
    await watcher.sees('#timeline', 'All tickets are back');
    await watcher.sees('#stock', '0 of 40 sold');

    await buyer.clicks('#reload button');
    await buyer.sees('#reload', 'All workers are of generation 1');
    await watcher.sees('#host', /Generation\s*1/);
    await buyer.clicks('#buy');
    await watcher.sees('#stock', '1 of 40 sold');
    expect([...buyer.uncaught, ...watcher.uncaught]).toEqual([]);
    expect([buyer.loads, watcher.loads]).toEqual([1, 1]);
  });

  it('shows the health of the host, while workers crash, are blocked and replaced', async () => {
    const office = await TicketOffice.open({ CLUSTER_WORKERS: '2' });
    const visitor = await Visitor.open(await openBrowser(), office.url);
    await visitor.sees(VERDICT, /^ok$/);
    await visitor.sees('#host', /Workers ready\s*2 of 2\s*Shared state in memory\s*[\d.]+.ms/);
    await visitor.sees(vitalsOf(0), /ready\s*[\d.,]+.ms\s*\d+.%\s*\d+.MB/);
    await visitor.sees(vitalsOf(1), /ready\s*[\d.,]+.ms\s*\d+.%\s*\d+.MB/);

    await visitor.clicks('#crash button');
    await visitor.sees('#health .checkup', /degraded\s*1 of 2 workers/);
    await visitor.sees(VERDICT, /^ok$/);
    await visitor.sees('#host', '2 of 2');

    const problems = await visitor.notes('#health .problems');
    await visitor.clicks('#reload button');
    await visitor.sees('#reload', 'All workers are of generation 1');
    await visitor.sees(vitalsOf(1), /ready\s*[\d.,]+.ms/);
    expect((await problems()).filter(problem => problem.includes('of 2 workers'))).toEqual([]);

    // A connection that was open before the reload may still reach a draining worker, whose health is not judged.
    await office.untilDrained();
    await visitor.clicks('#block button');
    await visitor.sees('#health .checkup', /degraded.*Worker \d: its event loop/s);
    await visitor.sees('#vitals tr', /degraded\s*[\d,]+.ms/);
    expect(visitor.uncaught).toEqual([]);
  });

  it('says that nobody answers its probes when the application has stopped', async () => {
    const office = await TicketOffice.open({
      CLUSTER_WORKERS: '2',
      CLUSTER_SHUTDOWN_READINESS_DELAY: '2000',
    });
    const visitor = await Visitor.open(await openBrowser(), office.url);
    await visitor.sees(VERDICT, /^ok$/);
    const closed = office.close();
    await visitor.sees(VERDICT, /^stopping$/);
    await visitor.sees('#health .problems', 'The host is stopping.');
    await visitor.sees(VERDICT, /^no answer$/);
    expect(await closed).toBe(0);
    expect(visitor.uncaught).toEqual([]);
  });

  it('shows a worker that does not answer as such', async () => {
    const office = await TicketOffice.open({ CLUSTER_WORKERS: '2' });
    const visitor = await Visitor.open(await openBrowser(), office.url);
    await visitor.sees(`${cardOf(0)}[data-look="good"]`, 'ready');
    await visitor.sees(`${cardOf(1)}[data-look="good"]`, 'ready');
    const blocked = office.block(10_000);
    await visitor.sees('#hosts [data-look="wait"]', 'does not answer');
    const { slot } = await blocked;
    await visitor.sees(`${cardOf(slot)}[data-look="good"]`, 'ready');
    expect(visitor.uncaught).toEqual([]);
  });

  it('closes its stream while the page is hidden, and shows the current state when it is visible again', async () => {
    const office = await TicketOffice.open({ CLUSTER_WORKERS: '2', TICKETS: '40' });
    const visitor = await Visitor.open(await openBrowser(), office.url);
    await visitor.sees('#stock', '0 of 40 sold');
    await visitor.looksAway();
    await office.ask('POST');
    await visitor.looksAgain();
    await visitor.sees('#stock', '1 of 40 sold');
    expect(visitor.problems).toEqual([]);
  });
});

/** The verdict in the badge of the health panel, not in the badge that stays in view. */
const VERDICT = '#health [role="status"] [data-field="verdict"]';

function vitalsOf(slot: number): string {
  return `#vitals tr[data-slot="${slot}"]`;
}

function cardOf(slot: number): string {
  return `#hosts .ticket[data-slot="${slot}"]`;
}

/** A visitor who has opened the page in a separate browser context. */
class Visitor {
  static async open(browser: Browser, url: string): Promise<Visitor> {
    // Contexts share no storage and no connections.
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(PATIENCE);
    const visitor = new Visitor(await context.newPage());
    await visitor.page.goto(url);
    return visitor;
  }

  /** The problems that the browser reported. */
  readonly problems: string[] = [];
  readonly uncaught: string[] = [];
  loads = 0;

  private constructor(private readonly page: Page) {
    page.on('load', () => this.loads++);
    page.on('pageerror', error => this.uncaught.push(String(error)));
    page.on('pageerror', error => this.problems.push(String(error)));
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning') {
        this.problems.push(`console: ${message.text()}`);
      }
    });
    page.on('requestfailed', request => {
      const why = request.failure()?.errorText;
      // The page aborts slow requests itself, for example on a busy machine.
      if (why !== 'net::ERR_ABORTED') {
        this.problems.push(`${request.url()}: ${why}`);
      }
    });
    page.on('response', response => {
      if (!response.ok()) {
        this.problems.push(`${response.url()}: ${response.status()}`);
      }
    });
  }

  async clicks(selector: string): Promise<void> {
    await this.page.click(selector);
  }

  /** Waits until the text is on the page. */
  async sees(selector: string, text: string | RegExp): Promise<void> {
    await this.page.locator(selector).filter({ hasText: text }).first().waitFor();
  }

  /** Records the texts of an element from now on. The returned function resolves with those recorded so far. */
  async notes(selector: string): Promise<() => Promise<string[]>> {
    const notes = await this.page.evaluateHandle<string[]>(takeNotes(selector));
    return () => notes.jsonValue();
  }

  /** Hides the page, as a switch to another tab does. Resolves when the stream of the page has ended. */
  async looksAway(): Promise<void> {
    const ended = this.page.waitForEvent('requestfailed', request =>
      request.url().endsWith('/live'),
    );
    await this.page.evaluate(showOrHide(true));
    await ended;
  }

  async looksAgain(): Promise<void> {
    await this.page.evaluate(showOrHide(false));
  }

  /** The worker that holds the stream of this visitor. */
  async teller(): Promise<{ slot: number; pid: number }> {
    const told = await this.page.locator('#sales [data-field="via"]').textContent();
    const [, slot, pid] = /slot (\d+), pid (\d+)/.exec(told ?? '') ?? [];
    return { slot: Number(slot), pid: Number(pid) };
  }

  async takesAPicture(name: string): Promise<void> {
    await mkdir(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: `${SCREENSHOTS}${name}`, fullPage: true });
  }
}
