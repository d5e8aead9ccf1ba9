import { expect } from 'vitest';
import { ascending, upTo } from '../../support/numbers.js';
import { type RemoteBus, type RemoteMember } from '../../support/remote-bus.js';
import type { Example } from './example.js';

/** The recorded numbers of a slot, with one array for each of its successive workers. */
function notedIn(bus: RemoteBus, slot: number, what = 'kept'): number[][] {
  const byPid = new Map<number, number[]>();
  for (const { pid, ...note } of bus.app.noted(what)) {
    if (note['slot'] === slot) {
      byPid.set(pid, [...(byPid.get(pid) ?? []), note['n'] as number]);
    }
  }
  return [...byPid.values()];
}

async function replace(
  bus: RemoteBus,
  victim: RemoteMember,
  signal: NodeJS.Signals,
): Promise<RemoteMember> {
  const seen = notedIn(bus, victim.slot).flat().length;
  await bus.app.until(() => notedIn(bus, victim.slot).flat().length > seen + 10);
  victim.kill(signal);
  return bus.successorOf(victim);
}

/** For backends with workers. Each worker has a handler of the topics `kept` and `jobs`. */
export const REPLACEMENT_EXAMPLES: readonly Example[] = [
  {
    name: 'a worker and its replacements together miss no durable event, however the workers ended',
    run: async ({ bus, members }) => {
      const publisher = members.at(-1)!;
      const flood = await publisher.flood('kept', {
        perSecond: 300,
        publish: { durable: true },
      });
      const [first, second] = [members[0]!, members[1]!];
      await replace(bus, await replace(bus, first, 'SIGTERM'), 'SIGKILL');
      await replace(bus, second, 'SIGKILL');
      const { published, failed } = await flood.stop();
      expect(failed).toEqual([]);
      for (const what of ['kept', 'kept-by-pattern']) {
        for (const { slot } of members) {
          // Events arrive in order, so none follows the last one.
          await bus.app.until(() => notedIn(bus, slot, what).at(-1)?.at(-1) === published - 1);
          let next = 0;
          for (const run of notedIn(bus, slot, what)) {
            // A successor repeats the events that its predecessor handled, but did not confirm.
            expect(Math.max(run[0]!, next)).toBe(next);
            expect(run).toEqual(upTo(run.length).map(n => run[0]! + n));
            next = Math.max(next, run.at(-1)! + 1);
          }
          expect(next).toBe(published);
        }
      }
      expect(notedIn(bus, first.slot)).toHaveLength(3);
      expect(bus.app.noted('gap')).toEqual([]);
    },
  },
  {
    name: 'a durable group handles every event, although its members die while they handle events',
    run: async ({ bus, members }) => {
      const done = () => bus.app.noted('job').map(note => note['n'] as number);
      const flood = await members.at(-1)!.flood('jobs', {
        perSecond: 300,
        publish: { durable: true },
      });
      for (const victim of members.slice(0, 2)) {
        const before = done().length;
        await bus.app.until(() => done().length > before + 50);
        victim.kill('SIGKILL');
        await bus.successorOf(victim);
      }
      const { published, failed } = await flood.stop();
      expect(failed).toEqual([]);
      await bus.app.until(() => new Set(done()).size >= published);
      expect(ascending(new Set(done()))).toEqual(upTo(published));
      // Only the events that were being handled when their worker died are handled twice.
      const gone = new Set(bus.app.of('workerExited').map(({ pid }) => pid));
      const begun = bus.app.noted('job-begun');
      const ofGone = new Set(begun.filter(({ pid }) => gone.has(pid)).map(note => note['n']));
      const ofOthers = begun.filter(note => !ofGone.has(note['n']));
      const numbers = ofOthers.map(note => note['n']);
      expect(
        ofOthers.filter(note => numbers.indexOf(note['n']) !== numbers.lastIndexOf(note['n'])),
      ).toEqual([]);
    },
  },
  {
    name: 'a replacement gets the last retained event, although its publisher has ended',
    run: async ({ bus, members, key }) => {
      const [publisher] = members;
      await publisher!.publish(key, { n: 7 }, { retain: true });
      publisher!.kill('SIGKILL');
      const successor = await bus.successorOf(publisher!);
      const inbox = await successor.subscribe(key, { retain: true });
      const [arrival] = await inbox.until(1);
      expect(arrival).toMatchObject({ payload: { n: 7 }, retained: true });
      await inbox.unsubscribe();
    },
  },
];
