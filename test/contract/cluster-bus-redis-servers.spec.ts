import { REDIS_SERVERS } from './backends.js';
import { describeTheBusOn } from './bus/describe-the-bus-on.js';

describeTheBusOn(REDIS_SERVERS);
