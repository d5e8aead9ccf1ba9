/** A pool of connections to a database. @internal */
export interface Pool {
  /** The class that has it. */
  readonly owner: string;
  /** The option for its size. */
  readonly option: string;
  readonly database: Database;
  /** The maximum number of connections. */
  readonly size: number;
}

/** A kind of database server. @internal */
export interface Database {
  readonly name: string;
  /** The connections that it accepts by default (`max_connections`). */
  readonly limit: number;
}
