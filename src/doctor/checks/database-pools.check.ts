import { isRecord } from '../../system/is-record.js';
import type { Check, Facts } from '../check.interface.js';
import { doctorMessages } from '../doctor.messages.js';
import type { Database, Pool } from '../pool.interface.js';

const POSTGRESQL: Database = { name: 'PostgreSQL', limit: 100 };
const MYSQL: Database = { name: 'MySQL', limit: 151 };

/** Kinds of servers by the names that packages give them. */
const DATABASES: Readonly<Record<string, Database>> = {
  postgres: POSTGRESQL,
  postgresql: POSTGRESQL,
  mysql: MYSQL,
  mariadb: MYSQL,
};

/** How the pool of an instance of each class is read. */
const READERS: Readonly<Record<string, (instance: object) => Pool | undefined>> = {
  DataSource: typeormPool,
  Sequelize: sequelizePool,
  'knex()': knexPool,
  Pool: driverPool,
};

/** A `PromisePool` of mysql2 has the `Pool` that it wraps. */
const WRAPPER = 'PromisePool';

/**
 * The pools of all workers together have more connections than the server accepts by default. Below that, nothing is
 * said: the limit of the server is not known.
 *
 * @internal
 */
export const databasePoolsCheck: Check = {
  wants: [...Object.keys(READERS), WRAPPER],
  examine: facts => {
    const excessive = poolsOf(facts).filter(
      ({ size, database }) => size * facts.workers > database.limit,
    );
    return excessive.length > 0
      ? doctorMessages.databasePools(excessive, facts.workers)
      : undefined;
  },
};

function poolsOf({ inventory }: Pick<Facts, 'inventory'>): readonly Pool[] {
  const wrapped = inventory.allOf(WRAPPER).map(wrapper => recordIn(wrapper, 'pool'));
  return Object.entries(READERS).flatMap(([name, read]) => {
    const found = [...inventory.allOf(name), ...(read === driverPool ? wrapped : [])];
    return [...new Set(found)].flatMap(instance => read(instance) ?? []);
  });
}

function typeormPool(source: object): Pool | undefined {
  const options = recordIn(source, 'options');
  const extra = recordIn(options, 'extra');
  const size = extra['max'] ?? extra['connectionLimit'] ?? options['poolSize'] ?? 10;
  return pool("TypeORM's DataSource", 'poolSize', options['type'], size);
}

function sequelizePool(sequelize: object): Pool | undefined {
  const options = recordIn(sequelize, 'options');
  return pool('Sequelize', 'pool.max', options['dialect'], recordIn(options, 'pool')['max'] ?? 5);
}

function knexPool(knex: object): Pool | undefined {
  const client = recordIn(knex, 'client');
  return pool('Knex', 'pool.max', client['dialect'], recordIn(client, 'pool')['max']);
}

/** `Pool` of pg, mysql and mysql2. */
function driverPool(driver: object): Pool | undefined {
  return '_pendingQueue' in driver
    ? pool('Pool of pg', 'max', 'postgres', recordIn(driver, 'options')['max'])
    : pool(
        'Pool of mysql',
        'connectionLimit',
        'mysql',
        recordIn(driver, 'config')['connectionLimit'],
      );
}

function pool(owner: string, option: string, kind: unknown, size: unknown): Pool | undefined {
  const database = typeof kind === 'string' ? DATABASES[kind] : undefined;
  return database && typeof size === 'number' && size > 0
    ? { owner, option, database, size }
    : undefined;
}

function recordIn(owner: object, name: string): Record<string, unknown> {
  const value = (owner as Record<string, unknown>)[name];
  return isRecord(value) ? value : {};
}
