import { KEY_PREFIX } from './backends.js';
import { describeTheBusOn } from './bus/describe-the-bus-on.js';

describeTheBusOn(KEY_PREFIX);
