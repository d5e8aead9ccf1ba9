import { afterEach, describe, expect, it } from 'vitest';
import { closeBrowsers, openBrowser } from '../support/browser.js';
import { TicketOffice } from '../support/ticket-office.js';
import { Visitor } from '../support/visitor.js';

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
      await watcher.sees(`${cardOf(slot)}[data-look="good"]`, /ready · up .*busy \d+.% · \d+.MB/s);
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
    await watcher.sees(cardOf(victim.slot), '1 restart');
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

  it('says that nobody answers when the application has stopped', async () => {
    const office = await TicketOffice.open({
      CLUSTER_WORKERS: '2',
      CLUSTER_SHUTDOWN_READINESS_DELAY: '2000',
    });
    const visitor = await Visitor.open(await openBrowser(), office.url);
    await visitor.sees(VERDICT, /^ok$/);
    const closed = office.close();
    await visitor.sees(VERDICT, /^stopping$/);
    await visitor.sees('#problems', 'The host is stopping.');
    await visitor.sees(VERDICT, /^no answer$/);
    await visitor.sees('#strip[data-failed="true"]', '');
    expect(await closed).toBe(0);
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

/** The verdict beside the problems, not in the strip that stays in view. */
const VERDICT = '#health [data-field="verdict"]';

function cardOf(slot: number): string {
  return `#cards .ticket[data-slot="${slot}"]`;
}
