import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closeBrowsers, openBrowser } from '../support/browser.js';
import { FakeDashboard } from '../support/dashboard/fake-dashboard.mjs';
import { HOSTILE, largeHost, RELOADS, SECTIONS } from '../support/dashboard/fake-host.mjs';
import { PageReader } from '../support/dashboard/page-reader.js';
import { eventually } from '../support/eventually.js';

const VIEWS = ['Workers', 'Timeline', 'State', 'Topics', 'Jobs', 'Connections', 'Fleet'];
const OWN = ['stack', 'profile', 'replace'];
const FAILURE = {
  message: 'Worker 0 did not start.',
  worker: { slot: 0, pid: 51, lastOutput: 'Error: no database' },
};

const until = (condition: () => boolean, what: string) =>
  eventually(condition, 15_000, () => `${fake.connections} ${what}, ${fake.open} open`);

let fake: FakeDashboard;
let reader: PageReader;

beforeAll(async () => {
  fake = await FakeDashboard.start();
  reader = await PageReader.open(await openBrowser(), fake.url);
});

beforeEach(() => fake.reset());

afterEach(async () => {
  expect(await reader.policyViolations()).toEqual([]);
});

afterAll(async () => {
  await closeBrowsers();
  await fake.close();
});

describe('every view of the dashboard', () => {
  it.each(['light', 'dark'] as const)(
    'is accessible and fits at every width, %s',
    async colorScheme => {
      fake.change = { reload: RELOADS.failed(Date.now()) };
      await reader.page.emulateMedia({ colorScheme });
      await reader.visits();
      const found: unknown[] = [];
      for (const view of VIEWS) {
        await reader.opens(view);
        await reader.page.locator('#panel :is(table, ol)').first().waitFor();
        for (const width of [390, 1280, 2560]) {
          await reader.page.setViewportSize({ width, height: 900 });
          const violations = await reader.violations();
          found.push(...violations.map(violation => [view, width, violation]));
          const overflow = await reader.overflow();
          found.push(...(overflow > 0 ? [[view, width, `${overflow} px too wide`]] : []));
        }
      }
      expect(found).toEqual([]);
      expect(reader.problems).toEqual([]);
    },
  );

  it('shows foreign text as text', async () => {
    await reader.page.setViewportSize({ width: 1280, height: 900 });
    await reader.visits();
    for (const view of ['Timeline', 'State', 'Topics', 'Jobs', 'Fleet']) {
      await reader.opens(view);
      await reader.sees(String.raw`<img src=x onerror="globalThis.wasRun=1"><script>`, '#panel');
      await reader.sees(String.raw`\u{202e}gnp.exe\u{7}x`, '#panel');
    }
    expect(await reader.page.evaluate('[globalThis.wasRun, document.images.length]')).toEqual([
      undefined,
      0,
    ]);
    expect(reader.problems).toEqual([]);
  });
});

describe('the workers', () => {
  it('are shown by slot after a blocked one, and what is not known is not 0', async () => {
    await reader.visits();
    const rows = await reader.texts('tbody tr');
    expect(rows).toHaveLength(6);
    expect(rows[2]).toMatch(
      /^1 ready 3 1 h 5 min 4701 [\d.]+ MB [\d.]+ ms \d+ % [\d.]+\/s \d+ 0 crashed 7 min ago: Error: out of tickets/,
    );
    expect(rows[3]).toMatch(/^3 booting 4 640 ms 4703 \? \? \? \? \? 1/);
    expect(rows[5]).toMatch(/^spare standby/);
    expect(await reader.page.getByLabel('unknown: not measured yet').count()).toBe(5);
    expect(await reader.page.title()).toBe('2/4 ticket-shop');
  });

  it('that is blocked comes first, and has no figures from before it was blocked', async () => {
    await reader.visits();
    const [first] = await reader.texts('tbody tr');
    expect(first).toMatch(/^2 blocked for 12 s 3 .* 4702 \? > 12 s \? \? \? 0 exited normally/);
    expect(await reader.page.getByLabel('unknown: blocked').count()).toBe(4);
    const tiles = await reader.texts('.tiles div');
    expect(tiles[0]).toMatch(/^Requests \d+\/s \+ 1 worker unknown$/);
    expect(tiles[2]).toBe('Worst loop p99 > 12 s');
    expect(tiles[3]).toMatch(/^Memory of workers \d+ MB \+ 1 worker unknown$/);
    expect(await reader.texts('figcaption')).toEqual(
      ['Memory', 'Loop p99', 'Utilization', 'Requests'].map(name =>
        // A single figure if both are equal.
        expect.stringMatching(new RegExp(`^${name} now (.+ to .+|\\d+\\.?\\d* \\S+), 2 unknown$`)),
      ),
    );
    await reader.sees('worker 2 blocked', '[role=tab]');
  });

  it('have plots with a text, and a line that can be looked at', async () => {
    await reader.visits();
    const plots = reader.page.getByRole('img', { name: /in the last 15 minutes, now/ });
    expect(await plots.count()).toBe(4);
    await plots.first().locator('canvas').waitFor();
    const box = await plots.first().boundingBox();
    await reader.page.mouse.move(box!.x + box!.width / 2, box!.y + 70);
    await reader.sees(/slot \d: (\d+ MB|unknown) at/, 'figcaption');
    await reader.page.mouse.move(0, 0);
  });

  it('can be sorted', async () => {
    await reader.visits();
    await reader.button('Generation').click();
    expect((await reader.texts('tbody th')).at(0)).toBe('3');
    expect(await reader.page.locator('[aria-sort=descending]').innerText()).toBe('Generation');
    await reader.button('Generation').click();
    expect((await reader.texts('tbody th')).at(-1)).toBe('3');
    await reader.page.setViewportSize({ width: 390, height: 900 });
    await reader.page.getByLabel('Sort by').selectOption('Age');
    expect((await reader.texts('tbody th')).at(-1)).toBe('3');
    await reader.page.getByLabel('Sort by').selectOption('Most urgent');
    expect((await reader.texts('tbody th'))[0]).toBe('2');
    await reader.page.setViewportSize({ width: 1280, height: 900 });
  });
});

describe('a host with 64 workers and 1,000 topics', () => {
  it('has only rows in the document that are near, and finds the others', async () => {
    fake.host = at => largeHost(at);
    fake.sections['topics'] = at => SECTIONS.topics(at, 1_000);
    await reader.visits();
    await reader.sees('64 of 64', '.facts');
    const rows = reader.page.locator('tbody tr:not(.away)');
    expect(await rows.count()).toBeLessThan(64);
    await reader.opens('Topics');
    await reader.sees('1000 topics');
    expect(await rows.count()).toBeLessThan(150);
    const table = reader.page.getByRole('table', { name: 'Topics' });
    expect(await table.getAttribute('aria-rowcount')).toBe('1001');
    await reader.page.evaluate('scrollTo(0, document.body.scrollHeight)');
    await reader.sees('mail.created.999', 'tbody th');
    expect(await rows.count()).toBeLessThan(150);
    await reader.page.getByLabel('Filter').fill('TICKETS.gone.5');
    await reader.sees(/^\d+ of 1000 topics$/, '.count');
    expect(await reader.texts('tbody th')).toContain('tickets.gone.5 durable');
    expect(reader.problems).toEqual([]);
  });
});

describe('the other views', () => {
  it('the timeline has the newest event first, and can be filtered', async () => {
    await reader.visits('timeline');
    const events = await reader.texts('.events > li');
    expect(events).toHaveLength(14);
    expect(events[2]).toMatch(/Spare is on standby/);
    expect(events.join()).toMatch(/hung, by SIGKILL, up for 13 min 32 s/);
    expect(events[0]).toMatch(
      /Host has ended its reload: failed, after 2.1 s The new worker of slot 0/,
    );
    expect(events.at(-1)).toMatch(/Host reloads to generation 3/);
    fake.tick([
      {
        sequence: 31,
        event: { type: 'workerForked', slot: 2, generation: 4, id: 9, pid: 77, at: Date.now() },
      },
    ]);
    await reader.sees(/Worker 2 was forked.*#31/s, '.events > li:first-child');
    await reader.page.getByLabel('Kind').selectOption('Failures');
    await reader.sees('3 of 15 events');
    await reader.page.getByLabel('Filter').fill('hung');
    await reader.sees('1 of 15 events');
    await reader.page.getByLabel('Filter').fill('price');
    await reader.page.getByText('Whole error').click();
    await reader.sees('x'.repeat(400), 'pre');
    await reader.page.getByText('Last output').click();
    await reader.sees('OrdersService.open (/app/dist/orders', 'pre');
  });

  it('the state shows holders and limits, and values only on request', async () => {
    fake.answers['state/value'] = [
      200,
      { kind: 'map', key: 'prices', text: '{"a":"<b>"}', isTruncated: true },
    ];
    await reader.visits('state');
    await reader.sees(/checkout:4711 lock.*slot 2 \(pid 4702\) of web-1 3 waiting/s, 'tbody tr');
    await reader.sees(/prices map – 42 fields/s, 'tbody tr');
    await reader.sees('This page has the first 12, by kind and key, and the filter searches');
    expect(fake.posts).toEqual([]);
    await reader.button('Show the value of prices').click();
    await reader.sees('{"a":"<b>"}', 'pre');
    await reader.sees('The rest is not shown.');
    expect(fake.posts).toEqual([
      { path: 'state/value', body: { kind: 'map', key: 'prices' }, isOurs: true },
    ]);
    fake.answers['state/value'] = [503, { message: 'The backend did not answer.' }];
    await reader.button('Show the value of visitors').click();
    await reader.sees('The backend did not answer.', '.error');
    await reader.page.getByLabel('Kinds').selectOption('Caches');
    await reader.sees('2 of 12 entries in memory (more exist)');
    expect(await reader.texts('tbody tr')).toEqual([
      expect.stringMatching(/^weather cache – 12 entries 93 % hits/),
      expect.stringMatching(/^rates cache – 0 entries \? hits/),
    ]);
  });

  it('topics say whose part is missing, jobs how they ended, connections who drains', async () => {
    await reader.visits('topics');
    await reader.sees('No answer in time from slot 2: its part is missing.');
    expect((await reader.texts('tbody tr'))[0]).toMatch(/^mail.created.3 .* 0 1 41 – –$/);
    await reader.sees(/billing: 3 pending, 120 behind.*search: \? pending, \? behind/s, 'tbody tr');
    await reader.opens('Jobs');
    await reader.sees(/releaseExpired.*29 s ago.*slot 1.*214 ms.*done.*in 31 s/s, 'tbody tr');
    await reader.sees(/report.*paused.*failed/s, 'tbody tr');
    await reader.opens('Connections');
    await reader.sees('Draining: 1 of 5 workers.');
    const connections = await reader.texts('tbody tr');
    expect(connections[0]).toBe('2 4702 blocked – ? ? ? ? ?');
    expect(connections[1]).toMatch(/^3 4709 draining 4.1 s/);
    expect(await reader.page.getByLabel('unknown: blocked').count()).toBe(5);
    await reader.opens('Fleet');
    await reader.sees(
      '1 of 4 hosts healthy. A reload of all hosts is under way: 0 of 3 done, 1 failed.',
    );
    expect(await reader.texts('tbody th')).toEqual([
      'web-3',
      'web-2',
      'web-1 this host',
      'web-4 another version: only its id is known',
    ]);
    expect(await reader.page.getByLabel('unknown').count()).toBe(0);
    expect(await reader.texts('.mark')).toEqual([
      'worker 2 blocked',
      '41 missed',
      '1 failed',
      '1 down',
    ]);
  });

  it('say so if there is nothing, or if it cannot be read', async () => {
    Object.assign(fake.sections, {
      jobs: () => ({ used: false, jobs: [] }),
      topics: () => ({ topics: [], silent: [] }),
      state: () => ({ backend: 'redis', entries: [], isTruncated: false, error: HOSTILE }),
      fleet: () => ({ error: 'Redis is not available.' }),
      connections: () => undefined,
    });
    await reader.visits('jobs');
    await reader.sees('does not use ClusterScheduleModule');
    await reader.opens('Topics');
    await reader.sees('No topics.');
    await reader.opens('State');
    await reader.sees('The backend did not answer: <img');
    await reader.opens('Fleet');
    await reader.sees('The fleet cannot be read: Redis is not available.');
    await reader.opens('Connections');
    await reader.sees('Loading …');
    expect(reader.problems).toEqual([]);
  });
});

describe('a reload', () => {
  it('shows its phase, its progress and why it failed', async () => {
    await reader.visits();
    const banner = 'section[aria-label=Reload]';
    fake.change = { reload: RELOADS.canary(Date.now()) };
    fake.tick();
    await reader.sees('canary', `${banner} [aria-current=step]`);
    fake.change = { reload: RELOADS.rolling(Date.now()) };
    fake.tick();
    await reader.sees('2 of 4 workers are replaced', banner);
    expect(await reader.page.locator('progress').getAttribute('value')).toBe('2');
    fake.change = { reload: RELOADS.failed(Date.now()) };
    fake.tick();
    await reader.sees(
      /failed \d+ s ago, after 2.1 s. Old workers continue.*The new worker of slot 0/s,
      banner,
    );
    await reader.page.locator(`${banner} summary`).click();
    await reader.sees('ECONNREFUSED', `${banner} pre`);
    fake.tick();
    await reader.sees('ECONNREFUSED', `${banner} details[open] pre`);
    await reader.button('Dismiss').click();
    await reader.page.locator(banner).waitFor({ state: 'detached' });
    await reader.sees('reload failed', '[role=tab] .mark');
  });
});

describe('actions', () => {
  const dialog = 'dialog[open]';

  it.each([
    {
      open: 'Reload …',
      confirm: 'Reload',
      body: {},
      answer: { generation: 4, duration: 6_200 },
      result: 'All workers are of generation 4, after 6.2 s.',
    },
    {
      open: 'Scale …',
      confirm: 'Scale',
      body: { workers: 4 },
      answer: {},
      result: '4 workers are wanted now.',
    },
    {
      open: 'replace worker 1',
      confirm: 'Replace',
      body: { slot: 1 },
      answer: {},
      result: 'Worker 1 has been replaced.',
    },
    {
      open: 'stack worker 2, pid 4702',
      confirm: 'Take the stack',
      body: { slot: 2, pid: 4_702 },
      answer: { slot: 2, pid: 4_702, stack: 'at spin (<b>app.js:1)', overdue: 12_400 },
      result: 'at spin (<b>app.js:1)',
    },
  ])(
    '$confirm asks, acts, and shows the result',
    async ({ open, confirm, body, answer, result }) => {
      const path = `actions/${open.split(' ')[0]!.toLowerCase()}`;
      fake.answers[path] = [200, answer];
      await reader.visits();
      await reader.button(open).click();
      await reader.page.locator(dialog).waitFor();
      expect(await reader.violations()).toEqual([]);
      await reader.button('Cancel').click();
      await reader.page.locator(dialog).waitFor({ state: 'detached' });
      expect(fake.posts).toEqual([]);
      await reader.button(open).click();
      await reader.page.locator(dialog).getByRole('button', { name: confirm, exact: true }).click();
      // The question of 'Scale' contains the text of the result.
      await expect.poll(() => fake.posts).toEqual([{ path, body, isOurs: true }]);
      await reader.sees(result, dialog);
      await reader.button('Close').click();
      await reader.page.locator(dialog).waitFor({ state: 'detached' });
      expect(reader.problems).toEqual([]);
    },
  );

  it('are for one of the two processes of a slot, except for its replacement', async () => {
    fake.answers['actions/stack'] = [200, { slot: 3, pid: 4_709 }];
    await reader.visits();
    expect(await reader.texts('tr:has-text("4703") .actions button')).toEqual(OWN);
    expect(await reader.texts('tr:has-text("4709") .actions button')).toEqual(OWN.slice(0, 2));
    await reader.button('stack worker 3, pid 4709').click();
    await reader.sees('Take the stack of worker 3 (pid 4709)?', dialog);
    await reader.button('Take the stack').click();
    await reader.sees('The stack of pid 4709', dialog);
    const body = { slot: 3, pid: 4_709 };
    expect(fake.posts).toEqual([{ path: 'actions/stack', body, isOurs: true }]);
  });

  it('a profile is downloaded', async () => {
    fake.answers['actions/profile'] = [200, { nodes: [] }];
    await reader.visits();
    await reader.button('profile worker 1, pid 4701').click();
    await reader.page.getByLabel('Seconds').fill('2');
    const downloads = reader.page.waitForEvent('download');
    await reader.button('Record').click();
    const file = await downloads;
    expect(file.suggestedFilename()).toBe('worker-1-4701.cpuprofile');
    expect(await readFile(await file.path(), 'utf8')).toBe('{"nodes":[]}');
    expect(fake.posts).toEqual([
      { path: 'actions/profile', body: { slot: 1, pid: 4_701, seconds: 2 }, isOurs: true },
    ]);
    await reader.sees('The profile of worker 1 was downloaded.', dialog);
  });

  it('that fail say why, with the output of the worker', async () => {
    fake.answers['actions/reload'] = [500, FAILURE];
    await reader.visits();
    await reader.button('Reload …').click();
    await reader.button('Reload').click();
    await reader.sees('Worker 0 did not start.', `${dialog} .error`);
    await reader.page.getByText('Last output of worker 0 (pid 51)').click();
    await reader.sees('Error: no database', `${dialog} pre`);
    await reader.sees('Failed: Worker 0 did not start.', '[role=status]');
    fake.answers['actions/reload'] = [200, { generation: 5 }];
    await reader.button('Try again').click();
    await reader.sees('All workers are of generation 5.', dialog);
    expect(fake.posts).toHaveLength(2);
    expect(await reader.page.locator(`${dialog} .error`).count()).toBe(0);
  });

  it('exist only if the server has them', async () => {
    fake.extra = { actions: ['stack'] };
    await reader.visits();
    expect(
      await reader.page.getByRole('button', { name: /Reload|Scale|replace|profile/ }).count(),
    ).toBe(0);
    expect(await reader.page.getByRole('button', { name: /^stack worker/ }).count()).toBe(5);
  });
});

describe('with the keyboard only', () => {
  it('views change, dialogs open and close, and the focus stays over updates', async () => {
    const { keyboard } = reader.page;
    const focused = () => reader.page.evaluate<string>('document.activeElement.innerText.trim()');
    await reader.visits();
    await reader.page.keyboard.press('Tab');
    expect(await focused()).toBe('Reload …');
    await keyboard.press('Enter');
    await reader.page.locator('dialog[open]').waitFor();
    await keyboard.press('Escape');
    await reader.page.locator('dialog').waitFor({ state: 'detached' });
    expect(await focused()).toBe('Reload …');
    fake.answers['actions/reload'] = [200, { generation: 9 }];
    await keyboard.press('Enter');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await reader.sees('All workers are of generation 9', 'dialog');
    await keyboard.press('Escape');
    for (let place = 0; place < 3; place++) {
      await keyboard.press('Tab');
    }
    expect(await focused()).toMatch(/^Workers/);
    await keyboard.press('ArrowLeft');
    expect(await focused()).toMatch(/^Fleet/);
    await reader.sees('web-4', 'tbody th');
    await keyboard.press('Home');
    await keyboard.press('ArrowRight');
    await keyboard.press('ArrowRight');
    expect(await focused()).toBe('State');
    await reader.sees('tickets-sold', 'tbody th, tbody td');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.type('pdf');
    await reader.sees('1 of 12 entries');
    fake.tick();
    await keyboard.type('x');
    await reader.sees('0 of 12 entries');
  });
});

describe('the connection', () => {
  it('is made again after a bye and after a crash', async () => {
    await reader.visits();
    for (const bye of [true, false]) {
      const before = fake.connections;
      fake.endStreams({ bye });
      await until(() => fake.connections === before + 1, 'streams');
      await reader.sees('live', '.link');
    }
  });

  it('is made again if it is silent, and old data is marked', async () => {
    await reader.page.clock.install();
    await reader.visits();
    const before = fake.connections;
    await reader.page.clock.runFor(6_000);
    await reader.sees(/no news\s*data is [56] s old/, '.link');
    expect(await reader.page.locator('body.old').count()).toBe(1);
    await reader.page.clock.runFor(3_000);
    await until(() => fake.connections === before + 1, 'streams');
    fake.tick();
    await reader.sees(/^\s*live\s*$/, '.link');
    await reader.page.clock.resume();
  });

  it('that is refused is not tried for ever: the page says why', async () => {
    await reader.visits();
    fake.refuses = 401;
    fake.endStreams();
    await reader.sees(
      'You are not signed in any more. What you see is old. Reload the page',
      '.notice',
    );
    await reader.sees('refused', '.link');
    fake.refuses = 0;
    await reader.page.getByRole('link', { name: 'Reload the page' }).click();
    await reader.sees('live', '.link');
  });

  it('to another version offers to reload the page', async () => {
    await reader.visits();
    fake.extra = { version: '0.2.0' };
    fake.endStreams({ bye: true });
    await reader.sees('nestjs-cluster 0.2.0 serves this page now. Reload the page', '.notice');
  });

  it('ends while nobody looks', async () => {
    await reader.visits('jobs');
    await reader.sees('releaseExpired');
    const show = (isHidden: boolean) =>
      reader.page.evaluate(`
      Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    `);
    await show(true);
    await until(() => fake.open === 0, 'streams');
    await show(false);
    await until(() => fake.open === 1, 'streams');
  });
});

it('remembers the theme', async () => {
  await reader.page.emulateMedia({ colorScheme: 'light' });
  await reader.visits();
  const ground = () => reader.page.evaluate('getComputedStyle(document.body).backgroundColor');
  const light = await ground();
  await reader.button(/^Theme: auto/).click();
  await reader.button(/^Theme: light/).click();
  const dark = await ground();
  expect(dark).not.toBe(light);
  await reader.visits();
  expect(await ground()).toBe(dark);
  await reader.button(/^Theme: dark/).click();
  expect(await ground()).toBe(light);
});
