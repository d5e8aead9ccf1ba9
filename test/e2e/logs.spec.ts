import { afterEach, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';

afterEach(() => Application.endAll());

const start = (kind: string, env: Record<string, string> = {}) => ({
  env: { KIND: kind, ...env },
});

const linesOf = (text: string): string[] => text.split('\n').filter(Boolean);

/** The names of the processes that logged a text, as `ConsoleLogger` prints them. */
const speakers = (app: Application, what: string): (string | undefined)[] =>
  linesOf(app.stdout)
    .filter(line => line.includes(what))
    .map(line => /^\[Nest\] (\w+(?: \d)?) {2}- /.exec(line)?.[1]);

interface LogRecord {
  readonly slot?: number;
  readonly generation?: number;
  readonly pid?: number;
  readonly message?: string;
  readonly msg?: string;
  readonly err?: { readonly message: string };
}

/** @throws if a line of the output is not a JSON record */
const recordsOf = (app: Application): LogRecord[] =>
  linesOf(app.output).map(line => JSON.parse(line) as LogRecord);

const textOf = ({ message, msg, err }: LogRecord): string =>
  `${message ?? msg ?? ''} ${err?.message ?? ''}`;

describe('lines of text', () => {
  it('log the boot of one worker only, also after a crash, and name the process', async () => {
    const app = await Application.ready('logs/main', start('text', { CLUSTER_WORKERS: '4' }));
    await fetch(app.url('/crash'), { method: 'POST' });
    await app.until(() => app.count('workerReady') === 5);
    await fetch(app.url('/order'));
    await app.until(() => app.stdout.includes('order taken'));
    app.signal('SIGTERM');
    await app.exited;
    expect(speakers(app, '[NestFactory]')).toEqual(['worker 0']);
    expect(speakers(app, 'AppModule dependencies initialized')).toEqual(['worker 0']);
    expect(speakers(app, 'Mapped {')).toEqual(['worker 0', 'worker 0']);
    expect(speakers(app, 'successfully started')).toEqual(['worker 0']);
    expect(speakers(app, '[Orders]')).toEqual([expect.stringMatching(/^worker [0-3]$/)]);
    expect(new Set(speakers(app, '[Cluster]'))).toEqual(new Set(['primary']));
  });

  it('log the boot of another worker too if it logs a warning', async () => {
    const app = await Application.ready('logs/main', start('text', { BOOT: 'warns' }));
    app.signal('SIGTERM');
    await app.exited;
    expect(speakers(app, 'the database is slow')).toEqual(['worker 1']);
    const both = new Set(['worker 0', 'worker 1']);
    expect(new Set(speakers(app, 'Starting Nest'))).toEqual(both);
    expect(new Set(speakers(app, 'successfully started'))).toEqual(both);
  });
});

describe.each(['console', 'pino', 'winston'])('the recipe for %s', kind => {
  it('writes JSON records only, with the slot, also of a crash', async () => {
    const app = await Application.ready('logs/main', start(kind));
    await fetch(app.url('/crash'), { method: 'POST' });
    await app.until(() => app.count('workerReady') === 3);
    app.signal('SIGTERM');
    await app.exited;
    const records = recordsOf(app);
    const [crash] = app.of('workerExited');
    const { slot, generation, pid } = crash!;
    const reasons = records.filter(record => textOf(record).includes('crashed on purpose'));
    expect(reasons).toEqual([expect.objectContaining({ slot, generation, pid })]);
    expect(textOf(reasons[0]!)).toMatch(/^.+\n +throw .*\n[^]*\n {4}at /);
    const boots = records.filter(record => textOf(record).includes('Starting Nest'));
    expect(boots).toEqual([expect.objectContaining({ slot: 0, generation: 0 })]);
    const ofPrimary = records.filter(record => record.pid === app.pid);
    expect(textOf(ofPrimary[0]!)).toMatch(/^Primary \d+ starts 2 workers/);
    expect(ofPrimary.filter(record => 'slot' in record)).toEqual([]);
  });

  it('writes JSON records only when no worker boots', async () => {
    const app = await Application.start('logs/main', {
      env: { KIND: kind, BOOT: 'throws', CLUSTER_RESTART_GIVE_UP_AFTER: '2' },
    });
    expect(await app.exited).toEqual({ code: 1, signal: null });
    const texts = recordsOf(app).map(textOf);
    expect(texts.filter(text => text.includes('the database is not there'))).not.toEqual([]);
    expect(texts.filter(text => text.includes('Starting Nest'))).not.toEqual([]);
  });
});
