import { createRequire } from 'node:module';
import type ts from 'typescript';

/** By `require()`, because `import` also searches the file for the names of its exports, which takes longer than to run it. */
export const typescript = createRequire(import.meta.url)('typescript') as typeof ts;
