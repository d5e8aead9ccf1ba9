import type { DoctorCheck } from '../../src/config/doctor-checks.js';

/** What is known about a sample application of Nest's repository. */
export interface Sample {
  /** The warnings that are right, with the reason. */
  readonly expected?: Partial<Readonly<Record<DoctorCheck, string>>>;
  /** Why the application is not run. */
  readonly leftOut?: string;
  /** The server that it needs. */
  readonly server?: 'postgres' | 'redis';
  /** A mistake that the doctor cannot see. */
  readonly unseen?: string;
}

/** The samples about which there is something to say, by their directories. From all others, no warning is expected. */
export const SAMPLES: Readonly<Record<string, Sample>> = {
  '02-gateways': {
    expected: {
      'socket.io': 'its gateway allows long polling, and Socket.IO has no sticky sessions',
    },
  },
  '05-sql-typeorm': {
    server: 'postgres',
    expected: { 'typeorm-migrations': 'synchronize: true, so that each worker changes the schema' },
  },
  '06-mongoose': { leftOut: 'needs MongoDB' },
  '07-sequelize': { server: 'postgres' },
  '12-graphql-schema-first': { unseen: 'a PubSub at the top level of a file' },
  '13-mongo-typeorm': { leftOut: 'needs MongoDB' },
  '14-mongoose-base': { leftOut: 'needs MongoDB' },
  '18-context': { leftOut: 'ends at once: it is no server' },
  '20-cache': {
    expected: { cache: 'CacheModule.register() keeps the entries in the memory of each worker' },
  },
  '22-graphql-prisma': { leftOut: 'needs the generated client of Prisma' },
  '23-graphql-code-first': { unseen: 'a PubSub at the top level of a file' },
  '26-queues': { server: 'redis' },
  '27-scheduling': {
    expected: { schedule: 'each worker runs every job' },
  },
  '33-graphql-mercurius': { unseen: 'the emitter of Mercurius, which is in memory' },
};

/** Returns what is known about an application, such as `31-graphql-federation-code-first/gateway`. */
export function sampleOf(application: string): Sample {
  return SAMPLES[application] ?? SAMPLES[application.split('/')[0]!] ?? {};
}
