import type { BusMember, WorkerIdentity } from 'nestjs-cluster';
import type { Stock } from '../tickets/stock.js';

/** What happened to the tickets, and which worker of which host did it. */
export type TicketNews =
  | { readonly type: 'sold'; readonly number: number; readonly by: BusMember }
  | { readonly type: 'back'; readonly by: BusMember };

/** What a browser is sent: what is true now, and what has happened since the last message. */
export interface LiveMessage {
  /** The worker that holds the browser's connection. */
  readonly via: WorkerIdentity;
  /** `null`: nobody can tell at the moment. */
  readonly stock: Stock | null;
  readonly news: readonly TicketNews[];
}
