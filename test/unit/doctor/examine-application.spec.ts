import { EventEmitter, once } from 'node:events';
import { get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Controller, Get, type INestApplication, type ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { WebSocketGateway } from '@nestjs/websockets';
import session, { MemoryStore } from 'express-session';
import { PubSub } from 'graphql-subscriptions';
import { DOCTOR_CHECKS, type DoctorCheck } from '../../../src/config/doctor-checks.js';
import { examineSession } from '../../../src/doctor/checks/session.check.js';
import { doctorProtocol } from '../../../src/doctor/doctor.protocol.js';
import { examineApplication } from '../../../src/doctor/examine-application.js';
import { ClusterModule, SharedState } from '../../../src/index.js';
import type { HostChannel } from '../../../src/ipc/host-channel.interface.js';
import { ClusterSessionStore } from '../../../src/session/index.js';
import { ClusterSocketIoModule } from '../../../src/socket.io/index.js';
import { memoryChannel } from '../../support/memory-channel.js';

let app: INestApplication | undefined;
let host: HostChannel;
let warnings: string[];
const logger = { warn: (line: string) => void warnings.push(line) };

beforeEach(() => {
  host = memoryChannel();
  warnings = [];
});

afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function listening(
  metadata: ModuleMetadata,
  prepare: (app: INestApplication) => void = () => {},
): Promise<INestApplication> {
  const module = await Test.createTestingModule({
    ...metadata,
    imports: [ClusterModule.forRoot(), ...(metadata.imports ?? [])],
  })
    .setLogger({ log() {}, warn() {}, error() {} })
    .compile();
  app = module.createNestApplication();
  prepare(app);
  await app.listen(0, '127.0.0.1');
  return app;
}

const terms = (checks: readonly DoctorCheck[] = DOCTOR_CHECKS, workers = 2) => ({
  checks,
  workers,
  channel: host.open(doctorProtocol, () => {}),
  logger,
});

const ignored = (): string[] =>
  warnings.map(line => /CLUSTER_DOCTOR=-([\w.-]+)$/.exec(line)?.[1] ?? line);

@WebSocketGateway()
class Gateway {}

@WebSocketGateway({ transports: ['websocket'] })
class SocketGateway {}

const pubSub = { provide: 'PUB_SUB', useFactory: () => new PubSub() };

describe('an application', () => {
  it('is told of each mistake once for all workers of its host', async () => {
    const faulty = await listening({ providers: [Gateway, pubSub] });
    await Promise.all([examineApplication(faulty, terms()), examineApplication(faulty, terms())]);
    expect(ignored().toSorted()).toEqual(['graphql', 'socket.io']);
    // Another host.
    host = memoryChannel();
    await examineApplication(faulty, terms());
    expect(ignored()).toHaveLength(4);
  });

  it('is told of what it does not ignore', async () => {
    const faulty = await listening({ providers: [Gateway, pubSub] });
    await examineApplication(faulty, terms(['socket.io']));
    expect(ignored()).toEqual(['socket.io']);
  });

  it('is told again of everything that was found, if somebody asks', async () => {
    const findings = await examineApplication(
      await listening({ providers: [Gateway, pubSub] }),
      terms(),
    );
    const checks = (): readonly string[] => findings().map(({ check }) => check);
    expect(checks().toSorted()).toEqual(['graphql', 'socket.io']);
    expect(checks().toSorted()).toEqual(ignored().toSorted());
  });

  it('is told of nothing with one worker', async () => {
    const faulty = await listening({ providers: [Gateway, pubSub] });
    await examineApplication(faulty, terms(DOCTOR_CHECKS, 1));
    expect(warnings).toEqual([]);
  });

  it.each<[string, ModuleMetadata]>([
    ['has our adapter', { imports: [ClusterSocketIoModule.forRoot()], providers: [Gateway] }],
    ['uses WebSockets only', { providers: [SocketGateway] }],
    ['has no gateway', {}],
  ])('is told of no session of Socket.IO if it %s', async (_, metadata) => {
    await examineApplication(await listening(metadata), terms());
    expect(warnings).toEqual([]);
  });

  it('goes on if its primary does not answer', async () => {
    const faulty = await listening({ providers: [pubSub] });
    host = {
      open: () => ({
        post: () => Promise.resolve(),
        ask: () => Promise.reject(new Error('gone')),
        flush: () => Promise.resolve(),
        close: () => {},
      }),
    };
    await examineApplication(faulty, terms());
    expect(warnings).toEqual([]);
  });
});

/** Resolves when the request is closed on the server, too. */
async function request(to: INestApplication): Promise<void> {
  const server = to.getHttpServer() as Server;
  const { port } = server.address() as AddressInfo;
  const handled = once(server, 'request') as Promise<[unknown, ServerResponse]>;
  const answered = once(get({ port, host: '127.0.0.1', agent: false }), 'response');
  const [, response] = await handled;
  const closed = once(response, 'close');
  const [answer] = (await answered) as [IncomingMessage];
  answer.resume();
  await closed;
  await new Promise(resolve => setImmediate(resolve));
}

const refuse = (): never => {
  throw new Error('Do not look at me.');
};

describe('the sessions of an application', () => {
  @Controller()
  class UserController {
    @Get()
    user(): string {
      return 'user';
    }
  }

  const withSessions = (store?: (app: INestApplication) => session.Store) =>
    listening({ controllers: [UserController] }, created => {
      const options = { secret: 's', resave: false, saveUninitialized: false };
      created.use(session({ ...options, ...(store && { store: store(created) }) }));
    });

  it('are looked at with the first request, and never again', async () => {
    const faulty = await withSessions();
    const server = faulty.getHttpServer() as Server;
    const before = server.listenerCount('request');
    await examineApplication(faulty, terms());
    expect(warnings).toEqual([]);
    await request(faulty);
    expect(ignored()).toEqual(['session']);
    expect(server.listenerCount('request')).toBe(before);
    host = memoryChannel();
    await request(faulty);
    expect(ignored()).toEqual(['session']);
  });

  it('are not looked at if that is ignored', async () => {
    const faulty = await withSessions();
    const server = faulty.getHttpServer() as Server;
    const before = server.listenerCount('request');
    await examineApplication(faulty, terms(['cache']));
    expect(server.listenerCount('request')).toBe(before);
  });

  it('may be in the shared state', async () => {
    const right = await withSessions(created => new ClusterSessionStore(created.get(SharedState)));
    await examineApplication(right, terms());
    await request(right);
    expect(warnings).toEqual([]);
  });

  it('may be missing', async () => {
    const right = await listening({ controllers: [UserController] });
    await examineApplication(right, terms());
    await request(right);
    expect(warnings).toEqual([]);
  });

  it('that cannot be looked at do not harm the application', () => {
    const sessionStore = new Proxy({}, { getPrototypeOf: refuse });
    expect(examineSession({ sessionStore })).toBeUndefined();
  });

  it('are in memory if the store is a MemoryStore, or a subclass', () => {
    class OwnStore extends MemoryStore {}
    for (const sessionStore of [new MemoryStore(), new OwnStore()]) {
      expect(examineSession({ sessionStore })).toMatchObject({ check: 'session' });
    }
    for (const sessionStore of [undefined, null, 'text', {}, new EventEmitter()]) {
      expect(examineSession({ sessionStore })).toBeUndefined();
    }
  });
});
