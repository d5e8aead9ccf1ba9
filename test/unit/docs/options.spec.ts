import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { OptionRule } from '../../../src/config/option-rule.js';
import { OPTION_RULES } from '../../../src/config/option-rules.js';
import { appliedBy } from '../../support/docs/option-changes.js';
import { readOptionDocs } from '../../support/docs/option-docs.js';
import { groupsOn, isLiteral, writeOptionTables } from '../../support/docs/option-tables.js';

/** `npm run docs:options` writes the tables; every other run compares them. */
const WRITES = process.env['WRITE_OPTIONS'] === '1';

const file = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const PAGE = file('docs/options.md');

const rules = rulesOf(OPTION_RULES);
const docs = readOptionDocs(
  readFileSync(file('src/config/cluster-options.interface.ts'), 'utf8'),
  'ClusterModuleOptions',
);

describe('docs/options.md', () => {
  it('has tables that are up to date', () => {
    const page = readFileSync(PAGE, 'utf8');
    const written = writeOptionTables(page, docs);
    if (WRITES) {
      writeFileSync(PAGE, written);
    }
    const found = WRITES || written === page ? 'up to date' : 'out of date: npm run docs:options';
    expect(found).toBe('up to date');
  });

  it('tells what applies a new value of each option', () => {
    expect(rules.filter(([path]) => appliedBy(path) === undefined)).toEqual([]);
  });

  it('has each group of options once', () => {
    const groups = groupsOn(readFileSync(PAGE, 'utf8'));
    expect(groups.toSorted()).toEqual(Object.keys(OPTION_RULES).toSorted());
  });
});

describe('the TSDoc of the options', () => {
  it('describes exactly the options that have a rule, with their variables', () => {
    const ofRules = rules.map(([path, { env }]) => `${path}: ${env}`);
    expect(docs.map(({ path, env }) => `${path}: ${env}`).toSorted()).toEqual(ofRules.toSorted());
  });

  it('has the defaults of the rules', () => {
    for (const [path, rule] of rules) {
      const text = docs.find(doc => doc.path === path)?.byDefault ?? '';
      const isComputed = [null, ''].includes(rule.defaultValue as null) || path === 'events';
      expect(`${path}: ${isLiteral(text)}`).toBe(`${path}: ${!isComputed}`);
      if (!isComputed) {
        expect([path, rule.accept(valueOf(text))]).toEqual([path, rule.defaultValue]);
      }
    }
  });

  it('begins with one sentence that fits into a table', () => {
    for (const { path, summary } of docs) {
      expect([path, summary]).toEqual([path, expect.stringMatching(/^[A-Z].{15,130}\.$/)]);
    }
  });
});

function rulesOf(table: object, prefix = ''): [string, OptionRule<unknown>][] {
  return Object.entries(table).flatMap(([name, entry]: [string, OptionRule<unknown>]) =>
    typeof entry.accept === 'function'
      ? [[prefix + name, entry]]
      : rulesOf(entry, `${prefix}${name}.`),
  );
}

/** The value of a literal of TypeScript: a number, a boolean or a text in single quotes. */
function valueOf(literal: string): unknown {
  return literal.startsWith("'") ? literal.slice(1, -1) : (JSON.parse(literal) as unknown);
}
