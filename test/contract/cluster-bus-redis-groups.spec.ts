import { REDIS_GROUPS } from './backends.js';
import { describeTheBusOn } from './bus/describe-the-bus-on.js';

describeTheBusOn(REDIS_GROUPS);
