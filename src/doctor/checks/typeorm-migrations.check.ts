import { isRecord } from '../../system/is-record.js';
import type { Check } from '../check.interface.js';
import { doctorMessages } from '../doctor.messages.js';

/** Options with which a data source changes the schema when it connects. */
const AT_START = ['synchronize', 'migrationsRun'] as const;

/** Every worker changes the schema of the database, at the same time. @internal */
export const typeormMigrationsCheck: Check = {
  wants: ['DataSource'],
  examine: ({ inventory, workers }) => {
    const used = new Set(inventory.allOf('DataSource').flatMap(changesAtStart));
    return used.size > 0 ? doctorMessages.typeormMigrations([...used], workers) : undefined;
  },
};

function changesAtStart(source: object): readonly (typeof AT_START)[number][] {
  const { options } = source as { readonly options?: unknown };
  // A database in memory belongs to one process, and needs its schema there.
  if (!isRecord(options) || typeof options['type'] !== 'string' || isInMemory(options)) {
    return [];
  }
  return AT_START.filter(name => options[name] === true);
}

function isInMemory({ type, database, location }: Record<string, unknown>): boolean {
  return database === ':memory:' || (type === 'sqljs' && location === undefined);
}
