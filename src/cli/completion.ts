import { cliMessages } from './cli.messages.js';
import { COMMAND_NAMES, type CommandName, optionsOf, specOf } from './command-table.js';
import { UsageError } from './usage.error.js';

const SCRIPTS: Readonly<Record<string, () => string>> = { bash, zsh, fish };

/**
 * Returns the script that makes a shell complete commands and options.
 *
 * @throws UsageError if it is another shell
 * @internal
 */
export function completionFor(shell: string): string {
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (!script) {
    throw new UsageError(cliMessages.unknownShell(shell, Object.keys(SCRIPTS)));
  }
  return script();
}

function words(name: CommandName): readonly string[] {
  const options = Object.keys(optionsOf(specOf(name))).map(option => `--${option}`);
  if (name === 'completion') {
    return [...Object.keys(SCRIPTS), ...options];
  }
  return name === 'help' ? [...COMMAND_NAMES, ...options] : options;
}

function bash(): string {
  return [
    '_nestjs_cluster() {',
    '  local current="${COMP_WORDS[COMP_CWORD]}" words=""',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    words="${COMMAND_NAMES.join(' ')}"`,
    '  else',
    '    case "${COMP_WORDS[1]}" in',
    ...COMMAND_NAMES.map(name => `      ${name}) words="${words(name).join(' ')}" ;;`),
    '    esac',
    '  fi',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _nestjs_cluster nestjs-cluster',
  ].join('\n');
}

function zsh(): string {
  return [
    '#compdef nestjs-cluster',
    '_nestjs_cluster() {',
    '  local -a commands=(',
    ...COMMAND_NAMES.map(name => `    '${name}:${specOf(name).summary}'`),
    '  )',
    '  if (( CURRENT == 2 )); then',
    '    _describe command commands',
    '    return',
    '  fi',
    '  case "$words[2]" in',
    ...COMMAND_NAMES.map(name => `    ${name}) compadd -- ${words(name).join(' ')} ;;`),
    '  esac',
    '  [[ "$words[2]" == start ]] && _files',
    '}',
    'compdef _nestjs_cluster nestjs-cluster',
  ].join('\n');
}

function fish(): string {
  const complete = 'complete -c nestjs-cluster';
  return [
    ...COMMAND_NAMES.map(
      name =>
        `${complete} -n __fish_use_subcommand ${name === 'start' ? '' : '-f '}-a ${name} -d '${specOf(name).summary}'`,
    ),
    ...COMMAND_NAMES.flatMap(name =>
      words(name).map(word => {
        const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
        return `${complete} -n '__fish_seen_subcommand_from ${name}' ${what}`;
      }),
    ),
  ].join('\n');
}
