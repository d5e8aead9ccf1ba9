import type { AgentOptions } from 'node:http';

/** Milliseconds after which an idle connection is closed; earlier if the other end says so. */
const IDLE = 30_000;

/** The options of agents whose connections to other processes are kept alive. @internal */
export const KEPT_ALIVE: AgentOptions = { keepAlive: true, maxSockets: Infinity, timeout: IDLE };
