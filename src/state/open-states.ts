import type { Host } from '../runtime/host.interface.js';
import { Registry } from '../system/collections/registry.js';
import type { StateClient } from './client/state-client.js';

/** The clients of the shared state in this process, by its host. @internal */
export const openStates = new Registry<Host, StateClient>();
