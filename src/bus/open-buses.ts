import type { Host } from '../runtime/host.interface.js';
import { Registry } from '../system/collections/registry.js';
import type { BusClient } from './bus-client.js';

/** The buses that are in use in this process, by its host. @internal */
export const openBuses = new Registry<Host, BusClient>();
