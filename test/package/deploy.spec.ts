import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as terminus from '@nestjs/terminus';
import { parse, parseAllDocuments } from 'yaml';
import { HEALTH_PATH, healthController } from '../../src/health/cluster-health.controller.js';
import { readinessIndicators } from '../../src/health/checks/readiness-indicators.js';
import { OPTION_RULES } from '../../src/config/option-rules.js';
import { resolveOptions } from '../../src/config/resolve-options.js';
import { watchdogInterval } from '../../src/systemd/notify/watchdog.js';
import { Application } from '../support/application.js';
import {
  assignments,
  execForm,
  fencedBlocks,
  inMilliseconds,
  type Instruction,
  readDockerfile,
  readUnit,
} from '../support/deployment-files.js';
import { environmentForApplication } from '../support/environment.js';
import { freePort } from '../support/free-port.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

const SHUTDOWN_TIMEOUT = OPTION_RULES.shutdown.timeout.defaultValue;
const HEARTBEAT_TIMEOUT = OPTION_RULES.heartbeat.timeout.defaultValue;
const BOOT_TIMEOUT = OPTION_RULES.boot.timeout.defaultValue;

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string | number };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
  readonly timeoutSeconds: number;
}

type Resources = Readonly<Record<'cpu' | 'memory', string>>;

interface Container {
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef?: { readonly key: string } };
  }[];
  readonly resources: { readonly requests: Resources; readonly limits: Resources };
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
}

interface Deployment {
  readonly kind: 'Deployment';
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: object };
    readonly strategy: { readonly rollingUpdate: object };
    readonly template: {
      readonly metadata: { readonly labels: object };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: object;
        readonly containers: readonly Container[];
      };
    };
  };
}

interface Service {
  readonly kind: 'Service';
  readonly spec: { readonly selector: object; readonly ports: readonly { targetPort: string }[] };
}

interface DisruptionBudget {
  readonly kind: 'PodDisruptionBudget';
  readonly spec: { readonly selector: { readonly matchLabels: object } };
}

interface Compose {
  readonly services: {
    readonly app: {
      readonly environment: Record<string, string>;
      readonly stop_grace_period: string;
      readonly ports: readonly string[];
    };
  };
}

let page: string;
let stages: Instruction[][];
let run: string;
let compose: Compose['services']['app'];
let deployment: Deployment;
let service: Service;
let budget: DisruptionBudget;
let pod: Deployment['spec']['template']['spec'];
let container: Container;
let unit: Record<string, Record<string, string>>;
let socketUnit: Record<string, Record<string, string>>;
/** The texts of both units. */
let units: readonly string[];
let balancer: string;

beforeAll(async () => {
  page = await readFile(join(root, 'docs/deploy.md'), 'utf8');
  const texts = (language: string): string[] =>
    fencedBlocks(page)
      .filter(block => block.language === language)
      .map(({ text }) => text);
  stages = readDockerfile(texts('dockerfile')[0]!);
  run = texts('sh')[0]!.split('\n')[0]!;
  const [composed = '', manifests = ''] = texts('yaml');
  compose = (parse(composed) as Compose).services.app;
  [deployment, service, budget] = parseAllDocuments(manifests).map(
    document => document.toJS() as unknown,
  ) as [Deployment, Service, DisruptionBudget];
  pod = deployment.spec.template.spec;
  container = pod.containers[0]!;
  units = texts('ini');
  [unit, socketUnit] = units.map(readUnit) as [typeof unit, typeof socketUnit];
  balancer = texts('haproxy')[0]!;
});

afterEach(() => Application.endAll());

/** The instructions with this name in the final stage of the image. */
const inImage = (name: string): string[] =>
  stages
    .at(-1)!
    .filter(instruction => instruction.name === name)
    .map(({ rest }) => rest);

const healthCheck = (): string => inImage('HEALTHCHECK')[0]!;

/** Runs the image's health check as Docker does. */
async function checkHealth(port: number): Promise<{ isHealthy: boolean; code: number | null }> {
  const [program, ...args] = execForm(healthCheck())!;
  expect(program).toBe('node');
  const node = spawn(process.execPath, args, {
    env: environmentForApplication({ PORT: String(port) }),
    stdio: 'ignore',
  });
  const [code] = (await once(node, 'exit')) as [number | null];
  return { isHealthy: code === 0, code };
}

const pathOfHealthCheck = (): string => /\}(\/[\w/]+)`/.exec(execForm(healthCheck())![2]!)![1]!;

/** The paths of the health module with default options. */
function servedPaths(): string[] {
  const controller = healthController(terminus, {});
  return Object.entries(Object.getOwnPropertyDescriptors(controller.prototype))
    .filter(([name]) => name !== 'constructor')
    .map(([, { value }]) => Reflect.getMetadata('path', value as object) as string | undefined)
    .filter(path => path !== undefined)
    .map(path => `/${HEALTH_PATH}/${path}`);
}

/** The time from the first failed probe to the last one, after which the platform acts. */
const patience = ({ failureThreshold, periodSeconds }: Probe): number =>
  inMilliseconds((failureThreshold - 1) * periodSeconds);

/** How long probes may fail after the start. */
const allowance = ({ failureThreshold, periodSeconds }: Probe): number =>
  inMilliseconds(failureThreshold * periodSeconds);

const graceAfterPreStop = (): number =>
  inMilliseconds(pod.terminationGracePeriodSeconds - container.lifecycle.preStop.sleep.seconds);

const variablesOfPod = (): Record<string, string> =>
  Object.fromEntries(
    container.env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );

const settings = (): Record<string, string> => unit['Service']!;

describe('an image made as the page says', () => {
  it('starts node itself, so that a stop signal reaches the application', () => {
    expect(inImage('CMD').map(execForm)).toEqual([['node', 'dist/main.js']]);
    expect(inImage('ENTRYPOINT')).toEqual([]);
    expect(inImage('STOPSIGNAL')).toEqual([]); // SIGTERM
  });

  it('has everything that main.js needs, and what only the build needs is left behind', () => {
    const build = stages[0]!.map(({ name, rest }) => `${name} ${rest}`).join('\n');
    expect(build).toMatch(/RUN npm ci\n/);
    expect(build).toMatch(/npm run build && npm prune --omit=dev/);
    expect(build).not.toContain('NODE_ENV');
    expect(inImage('COPY').map(rest => rest.split(' ')[1])).toEqual([
      '/app/package.json',
      '/app/node_modules',
      '/app/dist',
    ]);
    expect(inImage('COPY').every(rest => rest.startsWith('--from=build '))).toBe(true);
  });

  it('runs in production, and not as root', () => {
    expect(assignments(inImage('ENV').join(' '))['NODE_ENV']).toBe('production');
    expect(inImage('USER')).toEqual(['node']);
  });

  it('opens the port that the application is told', () => {
    const { PORT } = assignments(inImage('ENV').join(' '));
    expect(inImage('EXPOSE')).toEqual([PORT]);
    expect(run).toContain(`-p ${PORT}:${PORT} `);
    expect(compose.ports).toEqual([`${PORT}:${PORT}`]);
  });

  it.each([
    ['is healthy while the host says that it is ready', 200, true],
    ['is unhealthy while the host says that it is not', 503, false],
  ])('%s', async (_, status, isHealthy) => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(status).end('{}');
    });
    server.listen(0);
    await once(server, 'listening');
    try {
      const { port } = server.address() as { port: number };
      expect(await checkHealth(port)).toMatchObject({ isHealthy });
    } finally {
      server.close();
      server.closeAllConnections();
    }
    expect(asked).toEqual([pathOfHealthCheck()]);
  });

  it('is unhealthy if nobody answers', async () => {
    // Docker reserves 2.
    expect(await checkHealth(await freePort())).toEqual({ isHealthy: false, code: 1 });
  });

  it('asks for what the host serves, and gives it the time to boot and to replace a worker', () => {
    expect(servedPaths()).toContain(pathOfHealthCheck());
    const options = assignments(healthCheck());
    expect(inMilliseconds(options['start-period'])).toBeGreaterThanOrEqual(BOOT_TIMEOUT);
    expect(Number(options['retries'])).toBeGreaterThan(1);
    expect(inMilliseconds(options['timeout'])).toBeGreaterThan(0);
  });
});

describe('a container', () => {
  it('has more time to stop than its host takes', () => {
    expect(inMilliseconds(assignments(run)['stop-timeout'])).toBeGreaterThan(SHUTDOWN_TIMEOUT);
    expect(inMilliseconds(compose.stop_grace_period)).toBeGreaterThan(SHUTDOWN_TIMEOUT);
  });

  it('is told nothing that the options do not take', () => {
    for (const variables of [assignments(run), compose.environment, variablesOfPod()]) {
      expect(resolveOptions({}, variables).recycle.maxMemory).toEqual({ share: 0.8 });
    }
  });
});

describe('a pod', () => {
  it('has more time to stop than its host takes', () => {
    expect(graceAfterPreStop()).toBeGreaterThan(SHUTDOWN_TIMEOUT);
  });

  it('can do without preStop, within the default grace, by a readiness delay', () => {
    const { shutdown } = resolveOptions({}, { CLUSTER_SHUTDOWN_READINESS_DELAY: '5000' });
    expect(page).toContain('`CLUSTER_SHUTDOWN_READINESS_DELAY=5000`');
    expect(shutdown.timeout).toBeLessThan(30_000);
    expect(shutdown.timeout - shutdown.readinessDelay).toBe(20_000);
  });

  it('is not killed for workers that hang before its host has replaced them', () => {
    expect(patience(container.livenessProbe)).toBeGreaterThan(HEARTBEAT_TIMEOUT);
  });

  it('may start for as long as its workers may boot', () => {
    expect(allowance(container.startupProbe)).toBeGreaterThanOrEqual(BOOT_TIMEOUT);
  });

  it('is asked for what its host serves, each probe for its own', () => {
    const paths = [container.startupProbe, container.readinessProbe, container.livenessProbe].map(
      ({ httpGet }) => httpGet.path,
    );
    expect(paths).toEqual(['/health/startup', '/health/ready', '/health/live']);
    expect(servedPaths().toSorted()).toEqual(paths.toSorted());
  });

  it('is not judged by a single probe, which a hung worker may have swallowed', () => {
    for (const probe of [container.readinessProbe, container.livenessProbe]) {
      expect(probe.failureThreshold).toBeGreaterThan(1);
    }
  });

  it('has the time to say that an indicator is down', async () => {
    const silent = readinessIndicators({ useFactory: () => [() => new Promise<never>(() => {})] });
    const [indicator] = await silent.useFactory();
    const begunAt = Date.now();
    await indicator!();
    const timeout = Date.now() - begunAt;
    for (const probe of [
      container.startupProbe,
      container.readinessProbe,
      container.livenessProbe,
    ]) {
      expect(probe.timeoutSeconds).toBeGreaterThanOrEqual(1);
      expect(inMilliseconds(probe.timeoutSeconds)).toBeGreaterThan(timeout);
    }
  });

  it('is asked, and reached, where the application listens', () => {
    const [port] = container.ports;
    expect(variablesOfPod()['PORT']).toBe(String(port!.containerPort));
    expect(assignments(inImage('ENV').join(' '))['PORT']).toBe(String(port!.containerPort));
    for (const { httpGet } of [
      container.startupProbe,
      container.readinessProbe,
      container.livenessProbe,
    ]) {
      expect([port!.name, port!.containerPort]).toContain(httpGet.port);
    }
    expect(service.spec.ports.map(({ targetPort }) => targetPort)).toEqual([port!.name]);
  });

  it('is found by its Service, its Deployment and its budget', () => {
    const { labels } = deployment.spec.template.metadata;
    expect(deployment.kind).toBe('Deployment');
    expect(service).toMatchObject({ kind: 'Service', spec: { selector: labels } });
    expect(budget).toMatchObject({ kind: 'PodDisruptionBudget' });
    expect(deployment.spec.selector.matchLabels).toEqual(labels);
    expect(budget.spec.selector.matchLabels).toEqual(labels);
  });

  it('leaves only when its successor is ready', () => {
    expect(deployment.spec.strategy.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 });
    expect(deployment.spec.replicas).toBeGreaterThan(1);
  });

  it('has whole cores, and all the memory that it may use', () => {
    const { requests, limits } = container.resources;
    expect(Number(limits.cpu)).toBeGreaterThan(1);
    expect(Number.isInteger(Number(limits.cpu))).toBe(true);
    expect(requests).toEqual(limits);
  });

  it('does not run as root', () => {
    expect(pod.securityContext).toEqual({ runAsNonRoot: true, runAsUser: 1000 });
  });

  it('has the address of Redis from a secret', () => {
    const redis = container.env.find(({ name }) => name === OPTION_RULES.redis.env);
    expect(redis?.value).toBeUndefined();
    expect(redis?.valueFrom?.secretKeyRef?.key).toBe('redis-url');
  });
});

describe('a host', () => {
  it('answers the probes and the health check; once it stops, it is alive and not ready', async () => {
    const app = await Application.ready('health/main', {
      env: { CLUSTER_SHUTDOWN_READINESS_DELAY: '5000' },
    });
    const ask = async ({ httpGet }: Probe) => (await fetch(app.url(httpGet.path))).status;
    const { startupProbe, readinessProbe, livenessProbe } = container;
    expect(await ask(startupProbe)).toBe(200);
    expect(await ask(readinessProbe)).toBe(200);
    expect(await ask(livenessProbe)).toBe(200);
    expect(await checkHealth(app.port)).toMatchObject({ isHealthy: true });

    app.signal('SIGTERM');
    await app.until(() => app.output.includes('SIGTERM'));
    expect(await checkHealth(app.port)).toMatchObject({ isHealthy: false });
    expect(await ask(readinessProbe)).toBe(503);
    expect(await ask(livenessProbe)).toBe(200);
    expect(await app.exited).toEqual({ code: 0, signal: null });
  });
});

describe('a service of systemd', () => {
  it('has more time to stop than its host takes', () => {
    expect(inMilliseconds(settings()['TimeoutStopSec'])).toBeGreaterThan(SHUTDOWN_TIMEOUT);
  });

  it('reloads by SIGHUP to the primary, and stops by SIGTERM to it alone', () => {
    expect(settings()['ExecReload']).toBe('/bin/kill -HUP $MAINPID');
    expect(settings()['KillMode']).toBe('mixed');
    expect(settings()).not.toHaveProperty('KillSignal'); // SIGTERM
  });

  it('is node itself, with the whole path of a script behind the link to the release', () => {
    const [node, script] = settings()['ExecStart']!.split(' ');
    expect(node).toBe('/usr/bin/node');
    expect(isAbsolute(script!)).toBe(true);
    expect(script!.startsWith(`${settings()['WorkingDirectory']}/`)).toBe(true);
    expect(page).toContain(`mv -T /srv/app/next ${settings()['WorkingDirectory']} `);
  });

  it('waits until its host is ready, and hears from processes other than the primary', () => {
    expect(settings()).toMatchObject({ Type: 'notify', NotifyAccess: 'all' });
    expect(inMilliseconds(settings()['TimeoutStartSec'])).toBeGreaterThan(BOOT_TIMEOUT);
    expect(watchdogInterval({ WATCHDOG_USEC: `${settings()['WatchdogSec']}000000` }, 1)).toBe(
      30_000,
    );
  });

  it('is started anew if its host gives up, and not if it was stopped', () => {
    expect(settings()['Restart']).toBe('on-failure'); // exit code 1, not 0
  });

  it('leaves the replacement of a worker that the kernel has killed to the primary', () => {
    expect(settings()['OOMPolicy']).toBe('continue');
  });

  it('has a cache and temporary files of its own, and nothing that keeps V8 from compiling', () => {
    expect(settings()).toMatchObject({ PrivateTmp: 'yes', CacheDirectoryMode: '0700' });
    expect(settings()['CacheDirectory']).toBeTruthy();
    expect(settings()).not.toHaveProperty('MemoryDenyWriteExecute');
  });

  it('runs in production, and not as root', () => {
    expect(assignments(settings()['Environment']!)).toMatchObject({ NODE_ENV: 'production' });
    expect(settings()['User']).toBe('app');
  });
});

describe('a socket of systemd', () => {
  it('is the port on which the application listens', () => {
    const { PORT } = assignments(settings()['Environment']!);
    expect(socketUnit['Socket']).toEqual({ ListenStream: PORT });
    expect(socketUnit['Install']).toEqual({ WantedBy: 'sockets.target' });
    expect(page).toContain('`Requires=app.socket`');
  });

  const whenInstalled = existsSync('/usr/bin/systemd-analyze') ? it : it.skip;

  whenInstalled('is valid for systemd, as is its service', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'units-'));
    const [serviceText = '', socketText = ''] = units;
    const files = [join(directory, 'app.service'), join(directory, 'app.socket')] as const;
    // It checks that the file to start exists, and not that the user does.
    const complete = serviceText
      .replace('/usr/bin/node', process.execPath)
      .replace('[Unit]', '[Unit]\nRequires=app.socket');
    await writeFile(files[0], complete);
    await writeFile(files[1], socketText);
    const { stderr } = await promisify(execFile)('systemd-analyze', ['verify', ...files]);
    // It also reports on the units of the system.
    expect(stderr.split('\n').filter(line => line.includes('app.'))).toEqual([]);

    await writeFile(files[0], complete.replace('NotifyAccess=all', 'NotifyAccess=everybody'));
    const wrong = await promisify(execFile)('systemd-analyze', ['verify', ...files]);
    expect(wrong.stderr).toMatch(/app\.service:\d+: .*everybody/);
    await rm(directory, { recursive: true });
  });
});

/** The time in which HAProxy notices a stop. */
function noticing(): number {
  const [, inter, fall] = /check inter (\d+s) fall (\d+)/.exec(balancer)!;
  return inMilliseconds(inter) * Number(fall);
}

/** The settings of the page for a host behind HAProxy, and behind an ALB. */
const delays = (): { readonly readinessDelay: number; readonly timeout: number }[] =>
  [...page.matchAll(/^- \*\*(?:HAProxy|ALB)\*\*[\s\S]*?(?=\n- )/gm)]
    .map(([text]) => resolveOptions({}, assignments(text.replaceAll('`', ' '))))
    .map(({ shutdown }) => shutdown);

describe('a balancer', () => {
  it('asks for what the host serves', () => {
    const [, path] = /httpchk GET (\S+)/.exec(balancer)!;
    expect(servedPaths()).toContain(path);
  });

  it('has noticed that a host stops before that closes its port', () => {
    const [haproxy, alb] = delays();
    expect(haproxy!.readinessDelay).toBeGreaterThan(noticing());
    const [, interval, threshold] = /interval of (\d+ s) and a threshold of (\d+)/.exec(page)!;
    expect(alb!.readinessDelay).toBeGreaterThan(inMilliseconds(interval) * Number(threshold));
    expect(alb!.timeout).toBe(50_000);
  });
});

describe('the page', () => {
  it('names no variable and no option that does not exist', () => {
    const known = rules(OPTION_RULES);
    const variables = page.match(/\bCLUSTER_[A-Z_]+/g) ?? [];
    const groups = Object.keys(OPTION_RULES).join('|');
    const options = [...page.matchAll(new RegExp(`\`((?:${groups})\\.\\w+)`, 'g'))];
    expect(variables.filter(name => !known.some(({ env }) => env === name))).toEqual([]);
    expect(options.filter(([, name]) => !known.some(({ path }) => path === name))).toEqual([]);
    expect(variables.length).toBeGreaterThan(5);
    expect(options.length).toBeGreaterThan(5);
  });

  it('has a table of timeouts that are those of the options and of the blocks above it', () => {
    const table = page.slice(page.indexOf('## Which timeouts'));
    const rows = table
      .split('\n')
      .filter(line => line.startsWith('|'))
      .slice(2)
      .map(line => line.split(' | ').map(cell => cell.replaceAll(/^\| | \|$/g, '').trim()));
    const { startupProbe, livenessProbe } = container;
    const bounds: Record<string, number> = {
      '`shutdown.timeout`': SHUTDOWN_TIMEOUT,
      '`terminationGracePeriodSeconds` − `preStop`': graceAfterPreStop(),
      '`--stop-timeout`, `stop_grace_period`': inMilliseconds(compose.stop_grace_period),
      '`TimeoutStopSec`': inMilliseconds(settings()['TimeoutStopSec']),
      '`TimeoutStartSec`': inMilliseconds(settings()['TimeoutStartSec']),
      'liveness: (`failureThreshold` − 1) × `periodSeconds`': patience(livenessProbe),
      'startup: `failureThreshold` × `periodSeconds`': allowance(startupProbe),
      '`timeoutSeconds`': inMilliseconds(startupProbe.timeoutSeconds),
      '`shutdown.readinessDelay`': delays()[0]!.readinessDelay,
    };
    const others: Record<string, number> = {
      'your health indicators': 1_000,
      "the balancer's interval × threshold": noticing(),
    };
    const options = rules(OPTION_RULES);
    for (const [subject = '', byDefault, bound = '', here] of rows) {
      const option = options.find(({ path }) => `\`${path}\`` === subject);
      expect([subject, inMilliseconds(byDefault)]).toEqual([
        subject,
        option ? option.defaultValue : others[subject],
      ]);
      expect([bound, inMilliseconds(here)]).toEqual([bound, bounds[bound]]);
      expect(inMilliseconds(byDefault)).toBeLessThan(inMilliseconds(here));
    }
    expect(rows.map(([, , bound]) => bound)).toEqual(expect.arrayContaining(Object.keys(bounds)));
  });

  it('is found from the README', async () => {
    expect(await readFile(join(root, 'README.md'), 'utf8')).toContain('(docs/deploy.md)');
  });
});

interface NamedRule {
  readonly path: string;
  readonly env?: string;
  readonly defaultValue: unknown;
}

function rules(table: object, prefix = ''): NamedRule[] {
  return Object.entries(table).flatMap(
    ([name, entry]: [string, { accept?: unknown; env?: string; defaultValue: unknown }]) =>
      typeof entry.accept === 'function'
        ? [{ path: prefix + name, ...entry }]
        : rules(entry, `${prefix}${name}.`),
  );
}
