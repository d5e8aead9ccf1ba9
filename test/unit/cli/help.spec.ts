import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { COMMAND_NAMES, optionsOf, specOf } from '../../../src/cli/command-table.js';
import { completionFor } from '../../../src/cli/completion.js';
import { helpOf, overview } from '../../../src/cli/help.js';
import { UsageError } from '../../../src/cli/usage.error.js';
import { EXIT } from '../../../src/cli/exit-codes.js';
import { readPage } from '../../support/docs/read-page.js';

const page = readPage('cli.md');

describe('the help', () => {
  it('has every command and option, in lines of at most 120 characters', () => {
    for (const name of COMMAND_NAMES) {
      expect(overview()).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
      for (const option of Object.keys(optionsOf(specOf(name)))) {
        expect(helpOf(name)).toMatch(new RegExp(`^  --${option}\\b`, 'm'));
      }
    }
    const all = [overview(), ...COMMAND_NAMES.map(helpOf)].join('\n').split('\n');
    expect(all.filter(line => line.length > 120)).toEqual([]);
  });
});

describe('docs/cli.md', () => {
  it('has every command with its options, and every exit code', () => {
    for (const name of COMMAND_NAMES) {
      expect(page).toMatch(new RegExp(`^\\| \`${name}\\b`, 'm'));
      for (const option of Object.keys(specOf(name).options ?? {})) {
        expect(page).toContain(`--${option}`);
      }
    }
    const codes = [...page.matchAll(/^\| (\d) +\|/gm)].map(([, code]) => Number(code));
    expect(codes).toEqual(Object.values(EXIT));
  });
});

/** What bash offers for a command line. */
function completions(...words: string[]): string[] {
  const script = [
    completionFor('bash'),
    `COMP_WORDS=(nestjs-cluster ${words.map(word => `'${word}'`).join(' ')})`,
    `COMP_CWORD=${words.length}`,
    '_nestjs_cluster',
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ].join('\n');
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

describe('the completion', () => {
  it('offers commands, then their options, in bash', () => {
    expect(completions('')).toEqual(COMMAND_NAMES);
    expect(completions('re')).toEqual(['reload', 'restart']);
    expect(completions('logs', '--n')).toEqual(['--no-follow', '--name']);
    expect(completions('completion', '')).toEqual(['bash', 'zsh', 'fish', '--help']);
  });

  it.each(['bash', 'zsh', 'fish'])('has every command in %s', shell => {
    const script = completionFor(shell);
    COMMAND_NAMES.forEach(name => expect(script).toContain(name));
    expect(script).toContain('no-follow');
  });

  it('names the shells that it knows', () => {
    expect(() => completionFor('csh')).toThrow(UsageError);
    expect(() => completionFor('csh')).toThrow('only for bash, zsh, fish');
  });
});
