import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { environmentForApplication } from './environment.js';
import { freePort } from './free-port.mjs';
import { appsDirectory } from './nest/nest-versions.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** `nestjs-cluster-verify` in a real process. */
export interface VerifyTool {
  readonly pid: number;
  readonly ended: Promise<{
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

/** Runs the tool with these arguments. */
export function verifyTool(args: readonly string[], env: NodeJS.ProcessEnv = {}): VerifyTool {
  const tool = spawn(process.execPath, [`${root}dist/cli/verify/main.js`, ...args], {
    env: environmentForApplication(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = Promise.all([once(tool, 'close'), text(tool.stdout), text(tool.stderr)]).then(
    ([[code], stdout, stderr]) => ({ code: code as number | null, stdout, stderr }),
  );
  return { pid: tool.pid ?? 0, ended };
}

/** Runs the tool on the fixture of this name, with two workers. */
export async function verifyApplication(
  name: string,
  options: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<VerifyTool> {
  return verifyTool([...options, '--', process.execPath, `${appsDirectory()}/${name}.js`], {
    PORT: String(await freePort()),
    CLUSTER_WORKERS: '2',
    ...env,
  });
}
