import { bootstrap } from './bootstrap.js';
import { PlainModule } from './plain.module.js';

await bootstrap(PlainModule);
