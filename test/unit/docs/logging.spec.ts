import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readPage } from '../../support/docs/read-page.js';

it.each(['console', 'pino', 'winston'])('shows the recipe that is tested: %s', name => {
  const file = new URL(`../../fixtures/apps/logs/${name}.ts`, import.meta.url);
  expect(readPage('logging.md')).toContain(`\n// logger.ts\n${readFileSync(file, 'utf8')}\`\`\``);
});
