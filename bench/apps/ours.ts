import { bootstrap } from './bootstrap.js';
import { ClusteredModule } from './clustered.module.js';

await bootstrap(ClusteredModule);
