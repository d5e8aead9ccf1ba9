import { type Backends, REDIS_SERVERS } from '../contract/backends.js';
import { describeTheBusOn } from '../contract/bus/describe-the-bus-on.js';
import { describeTheStateOn } from '../contract/state/describe-the-state-on.js';

const BACKENDS: Backends = { 'a Redis server, with ioredis 5': REDIS_SERVERS['a Redis server']! };

describeTheStateOn(BACKENDS);
describeTheBusOn(BACKENDS);
