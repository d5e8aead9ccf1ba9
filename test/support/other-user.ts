import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** "Nobody" on Linux and macOS. */
const NOBODY = 65_534;

/**
 * Whether tests act as another user of the machine. Only a process of root may become one, so others skip them.
 * `npm run verify:users` sets `OTHER_USER`: they must not be skipped.
 */
export const actsAsOtherUser = process.getuid?.() === 0 || Boolean(process.env['OTHER_USER']);

/**
 * Lets a process of another user connect to a Unix socket, list directories and read files.
 *
 * @returns for each path, `done` or the code of the error
 */
export async function asOtherUser(paths: {
  readonly socket: string;
  readonly directories?: readonly string[];
  readonly files?: readonly string[];
}): Promise<string[]> {
  const { socket, directories = [], files = [] } = paths;
  const code = `
    process.setgroups([]); process.setgid(${NOBODY}); process.setuid(${NOBODY});
    const { readdirSync, readFileSync } = require('fs');
    const say = task => { try { task(); console.log('done'); } catch (error) { console.log(error.code); } };
    require('net').connect(${JSON.stringify(socket)})
      .on('connect', () => { console.log('done'); process.exit(); })
      .on('error', error => {
        console.log(error.code);
        ${JSON.stringify(directories)}.forEach(path => say(() => readdirSync(path)));
        ${JSON.stringify(files)}.forEach(path => say(() => readFileSync(path)));
      });`;
  const other = spawn(process.execPath, ['-e', code], { cwd: '/' });
  const said: Buffer[] = [];
  other.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  other.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  await once(other, 'close');
  return Buffer.concat(said).toString().trim().split('\n');
}
