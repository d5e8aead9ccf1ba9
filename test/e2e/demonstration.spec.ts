import { createRequire } from 'node:module';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AxeResults } from 'axe-core';
import type { ClusterEvent } from 'nestjs-cluster';
import type { Browser } from 'playwright-core';
import { closeBrowsers, openBrowser } from '../support/browser.js';
import { CountingProxy } from '../support/counting-proxy.js';
import { eventually } from '../support/eventually.js';
import { PATIENCE, TicketOffice } from '../support/ticket-office.js';
import { Visitor } from '../support/visitor.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const TICKETS = 1000;

describe('the page of the sample application, as a demonstration', () => {
  let office: TicketOffice;
  let browser: Browser;
  let proxy: CountingProxy;
  let visitor: Visitor;

  beforeAll(async () => {
    [office, browser] = await Promise.all([
      TicketOffice.open({
        CLUSTER_WORKERS: '2',
        TICKETS: String(TICKETS),
        TICKETS_PER_SECOND: '3',
      }),
      openBrowser(),
    ]);
    proxy = await CountingProxy.start(office.url);
    visitor = await Visitor.open(browser, proxy.url);
  }, PATIENCE);

  beforeEach(async () => {
    await visitor.sees(`${cardOf(0)}[data-state="ready"]`, '');
    await visitor.sees(`${cardOf(1)}[data-state="ready"]`, '');
  });

  afterAll(async () => {
    await closeBrowsers();
    await proxy.stop();
    await TicketOffice.closeAll();
  });

  it.each([0, 1])('crashes the worker on whose card that is pressed: %d', async slot => {
    const [victim, other] = [await pidOf(slot), await pidOf(1 - slot)];
    await press(slot, 'crash');
    await visitor.sees(`${cardOf(slot)}:not([data-pid="${victim}"])[data-state="ready"]`, '');
    await visitor.sees(cardOf(slot), `after pid ${victim} crashed (code 1)`);
    expect(await pidOf(1 - slot)).toBe(other);
  });

  it('replaces the worker on whose card that is pressed, new before old', async () => {
    const [former, other] = [await pidOf(1), await pidOf(0)];
    await press(1, 'replace');
    await visitor.sees(cardOf(1), `pid ${former} finished its requests, and exited.`);
    const replacement = await pidOf(1);
    expect(replacement).not.toBe(former);
    expect(await pidOf(0)).toBe(other);
    const told = await timeline();
    // If the page was connected to the former worker, the timeline also tells which worker it is connected to now.
    const about = told.filter(
      text =>
        text.startsWith('Worker 1') &&
        [former, replacement].some(pid => text.includes(`pid ${pid}`)),
    );
    expect(about.slice(-5)).toEqual([
      `Worker 1 is told to leave when its replacement is ready|pid ${former}`,
      `Worker 1 starts|pid ${replacement}`,
      `Worker 1 is ready|pid ${replacement}`,
      `Worker 1 drains|pid ${former}: its replacement is ready`,
      `Worker 1 exited normally|pid ${former}`,
    ]);
  });

  it('blocks the worker on whose card that is pressed, and agrees on that everywhere', async () => {
    await press(0, 'block');
    await visitor.sees(`${cardOf(0)}[data-look="wait"]`, 'blocked for');
    const [card, problems, verdict, badge] = await texts(
      `${cardOf(0)} [data-field="problems"]`,
      '#problems',
      '#health [data-field="verdict"]',
      '#strip [data-field="verdict"]',
    );
    const [vitals, rate] = await texts(
      `${cardOf(0)} [data-field="vitals"]`,
      `${cardOf(0)} [data-field="rate"]`,
    );
    expect([vitals, rate]).toEqual(['It reports nothing while it is blocked', '']);
    // On a busy machine, the other worker may be late, too.
    expect(problems).toContain(`Worker 0: ${card!.charAt(0).toLowerCase()}${card!.slice(1)}`);
    expect([verdict, badge]).toEqual(['degraded', 'degraded']);
    await visitor.sees(
      cardOf(0),
      /While it was blocked, the others answered \d{2,} requests; 0 failed\./,
    );
    expect(await visitor.page.textContent(`${cardOf(1)} [data-field="problems"]`)).not.toContain(
      'blocked',
    );
  });

  it(
    'sells all tickets in a rush, across all workers and none twice, though one customer buys few',
    async () => {
      await visitor.clicks('#rush button');
      // The page sends a thousand requests, three at a time.
      await visitor.sees('#rush .result', /^2 workers sold 1,000 tickets in/, 2 * PATIENCE);
      const [sold, different, duplicates] = await visitor.page
        .locator('#rush dd')
        .allTextContents();
      expect([sold, different, duplicates]).toEqual(['1,000', '1,000', '0']);
      const bars = await visitor.page.locator('#rush .bars .number').allTextContents();
      expect(bars.map(Number).every(count => count > TICKETS / 10)).toBe(true);
      expect(bars.map(Number).reduce((sum, count) => sum + count)).toBe(TICKETS);
      await visitor.sees('#stock', '1,000 of 1,000 sold');

      await visitor.clicks('#put-back');
      await visitor.sees('#stock', '0 of 1,000 sold');
      await visitor.page.evaluate(
        `for (let i = 0; i < 8; i++) document.querySelector('#buy').click()`,
      );
      await visitor.sees('#sale .result', /Too fast.*One client may buy 3 tickets a second/);
    },
    4 * PATIENCE,
  );

  it('replaces all workers in a reload, and shows how far it is', async () => {
    const progress = await visitor.notes('#reload .result');
    await visitor.clicks('#reload button');
    await visitor.sees('#reload .result', /generation 1, after .* 0 requests failed meanwhile/);
    expect(await progress()).toContain('1 of 2 workers replaced …');
  });

  it('shows in its timeline what happened when, in the order of the primary', async () => {
    await office.untilDrained();
    let seen: string[] = [];
    let told: string[] = [];
    await eventually(
      async () => {
        // A worker knows the events since its start; the one that was replaced last knows few.
        seen = (await office.snapshot()).events.flatMap(deedIn);
        told = (await timeline()).flatMap(deedOf);
        return seen.length >= 4 && told.slice(-seen.length).join() === seen.join();
      },
      PATIENCE,
      () => `${told.join()} instead of ${seen.join()}`,
    );
    const times = await visitor.page
      .locator('#timeline time')
      .evaluateAll(all => all.map(time => time.getAttribute('datetime')));
    expect(times).toEqual(times.toSorted((one, other) => other!.localeCompare(one!)));
  });

  it('counts the requests that a crash loses, and all others, as they are counted outside', async () => {
    await visitor.clicks('#slow button');
    await visitor.clicks('#slow button');
    // One of these four requests is in a worker that crashes.
    await press(0, 'crash');
    await press(1, 'crash');
    await visitor.sees('#strip[data-failed="true"]', '');
    await visitor.sees('#timeline', /requests? failed/);
    await visitor.sees(`${cardOf(0)}[data-state="ready"]`, '');
    await visitor.sees(`${cardOf(1)}[data-state="ready"]`, '');

    await visitor.clicks('#strip button');
    const inside = await counted();
    const outside = proxy.outcomes;
    expect(inside).toEqual(outside);
    expect(outside.failed).toBeGreaterThan(0);
    expect(outside.answered).toBeGreaterThan(TICKETS);
    expect(visitor.uncaught).toEqual([]);
    expect(visitor.loads).toBe(1);
  });

  it.each([390, 1280])('is accessible, %d pixels wide, light and dark', async width => {
    await visitor.page.setViewportSize({ width, height: 800 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await visitor.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await violations()).toEqual([]);
    }
    const overflow = `document.documentElement.scrollWidth - document.documentElement.clientWidth`;
    expect(await visitor.page.evaluate<number>(overflow)).toBe(0);
  });

  /** Presses a button with the keyboard. */
  async function press(slot: number, order: string): Promise<void> {
    const button = visitor.page.locator(`${cardOf(slot)} [data-order="${order}"]`);
    await button.focus();
    await visitor.page.keyboard.press('Enter');
  }

  async function pidOf(slot: number): Promise<number> {
    return Number(await visitor.page.locator(cardOf(slot)).getAttribute('data-pid'));
  }

  function texts(...selectors: string[]): Promise<(string | null)[]> {
    return Promise.all(selectors.map(selector => visitor.page.textContent(selector)));
  }

  /** The entries of the timeline, with the title before `|`, in the order of time. */
  async function timeline(): Promise<string[]> {
    const entries = await visitor.page
      .locator('#timeline li p')
      .evaluateAll(all =>
        all.map(({ children }) => [...children].map(part => part.textContent).join('|')),
      );
    return entries.toReversed();
  }

  /** The figures of the strip, when no request has been in flight for longer than it takes to update them. */
  async function counted(): Promise<{ answered: number; failed: number }> {
    let [before, now]: [number[], number[]] = [[], []];
    await eventually(
      async () => {
        [before, now] = [now, await figures()];
        return now[2] === 0 && now.join() === before.join();
      },
      PATIENCE,
      () => now.join(),
      600,
    );
    const [answered = NaN, failed = NaN] = now;
    return { answered, failed };
  }

  /** How many requests are answered, failed and in flight. */
  async function figures(): Promise<number[]> {
    const shown = await texts('#strip [data-field="answered"]', '#strip [data-field="failed"]');
    const inFlight = await visitor.page.getAttribute('#strip', 'data-in-flight');
    return [...shown, inFlight].map(text => Number(text?.replaceAll(',', '')));
  }

  async function violations(): Promise<string[]> {
    await visitor.page.addScriptTag({ path: AXE });
    const result = await visitor.page.evaluate<AxeResults>('axe.run()');
    return result.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  }
});

const DEEDS: Partial<Record<ClusterEvent['type'], string>> = {
  workerForked: 'starts',
  workerReady: 'is ready',
  workerDraining: 'drains',
};

/** What a worker did, by an event of the primary; nothing for an event that the page does not show. */
function deedIn(event: ClusterEvent): string[] {
  const exit = event.type === 'workerExited' && event.reason === 'left' ? 'exited' : 'crashed';
  const deed = event.type === 'workerExited' ? exit : DEEDS[event.type];
  return deed === undefined ? [] : [`${event.pid} ${deed}`];
}

/** What a worker did, by an entry of the timeline. */
function deedOf(entry: string): string[] {
  const [, deed, pid] =
    /^Worker \d (starts|is ready|drains|exited|crashed).*?\|pid (\d+)/.exec(entry) ?? [];
  return deed ? [`${pid} ${deed}`] : [];
}

function cardOf(slot: number): string {
  return `#cards .ticket[data-slot="${slot}"]`;
}
