import { BACKENDS } from './backends.js';
import { describeTheStateOn } from './state/describe-the-state-on.js';

describeTheStateOn(BACKENDS);
