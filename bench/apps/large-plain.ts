import { bootstrap } from './bootstrap.js';
import { LargeModule } from './large.module.js';

await bootstrap(LargeModule);
