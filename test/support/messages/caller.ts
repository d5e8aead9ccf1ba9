import { Logger } from '@nestjs/common';
import {
  type ClientGrpcProxy,
  type ClientOptions,
  ClientProxyFactory,
  Transport,
} from '@nestjs/microservices';
import { firstValueFrom, lastValueFrom, timeout, toArray, type Observable } from 'rxjs';
import { packageDefinition } from '../../fixtures/apps/messages/grpc-definition.js';

const host = '127.0.0.1';

/** Milliseconds after which a message without an answer is lost. */
const PATIENCE = 20_000;

export interface Task {
  readonly n: number;
  readonly ms: number;
}

export interface Result {
  readonly n: number;
  readonly pid: number;
}

/** A client of the fixture `messages/…`, with one of Nest's transports. */
export interface Caller {
  /** @throws if there is no answer */
  work(task: Task): Promise<Result>;
  /** @throws if the stream of answers is incomplete */
  count(task: Task): Promise<Result[]>;
  /** gRPC has no events. */
  emit?(task: Task): Promise<void>;
  close(): Promise<void>;
}

export type TransportName = 'tcp' | 'redis' | 'nats' | 'grpc';

/** Connects with Nest's own client. It logs each answer of Redis that is not the first. */
export function caller(transport: TransportName, port: number): Caller {
  Logger.overrideLogger(['error']);
  if (transport === 'grpc') {
    return grpcCaller(port);
  }
  const client = ClientProxyFactory.create(optionsOf(transport, port));
  return {
    work: async task => answerOf(client.send<Result>('work', task)),
    count: async task => answersOf(client.send<Result>('count', task)),
    emit: async task => {
      await lastValueFrom(client.emit('happened', task), { defaultValue: undefined });
    },
    close: async () => client.close(),
  };
}

function optionsOf(transport: 'tcp' | 'redis' | 'nats', port: number): ClientOptions {
  if (transport === 'nats') {
    return { transport: Transport.NATS, options: { servers: [`nats://${host}:${port}`] } };
  }
  return transport === 'tcp'
    ? { transport: Transport.TCP, options: { host, port } }
    : { transport: Transport.REDIS, options: { host, port } };
}

interface GrpcWorker {
  work(task: Task): Observable<Result>;
  count(task: Task): Observable<Result>;
}

function grpcCaller(port: number): Caller {
  const client: ClientGrpcProxy = ClientProxyFactory.create({
    transport: Transport.GRPC,
    options: { package: 'work', packageDefinition, url: `${host}:${port}` },
  });
  const worker = client.getService<GrpcWorker>('Worker');
  return {
    work: async task => answerOf(worker.work(task)),
    count: async task => answersOf(worker.count(task)),
    close: async () => client.close(),
  };
}

async function answerOf(answers: Observable<Result>): Promise<Result> {
  return firstValueFrom(answers.pipe(timeout(PATIENCE)));
}

async function answersOf(answers: Observable<Result>): Promise<Result[]> {
  return lastValueFrom(answers.pipe(timeout(PATIENCE), toArray()));
}
