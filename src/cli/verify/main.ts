#!/usr/bin/env node
/** `nestjs-cluster-verify`: see docs/verify.md. */
import { systemClock } from '../../system/time/clock.js';
import { exitProcess } from '../../system/process/exit.js';
import { listenToStopSignals } from '../../system/process/stop-signals.js';
import { ApplicationUnderTest } from './verified-application.js';
import { parseArguments } from './settings/verify-arguments.js';
import { loadPlan } from './make-load-plan.js';
import { loadWebSocket } from './load/clients/connect-web-socket.js';
import { report } from './report/report.js';
import type { VerifySettings } from './settings/settings.interface.js';
import { UsageError } from '../usage.error.js';
import { Verification } from './verification.js';
import { verifyMessages } from './verify.messages.js';

/** The exit code of a process that was ended by SIGINT, as in shells. */
const INTERRUPTED = 130;

void main(process.argv.slice(2)).then(
  code => (process.exitCode = code),
  (error: unknown) => {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n${verifyMessages.seeHelp()}`);
      process.exitCode = 2;
    } else {
      console.error(error);
      process.exitCode = 1;
    }
  },
);

async function main(args: readonly string[]): Promise<number> {
  const settings = parseArguments(args);
  if (!settings) {
    console.log(verifyMessages.help());
    return 0;
  }
  const plan = await loadPlan(settings);
  const connect = plan.webSockets ? await loadWebSocket() : undefined;
  const app = await ApplicationUnderTest.start(
    settings.command,
    settings.verbose ? { onOutput: text => process.stderr.write(text) } : {},
  );
  // Kill the application however this process ends.
  process.on('exit', () => app.kill());
  const verification = new Verification(settings, plan, app, connect, progress);
  let interrupted = false;
  const unlisten = listenToStopSignals(
    {
      stop: signal => {
        interrupted = true;
        verification.interrupt(signal);
      },
      stopAtOnce: exitProcess,
    },
    systemClock,
  );
  const result = await verification.run();
  progress('');
  show(settings, report(result), result);
  const output = app.output.toString();
  if (!result.passed && output !== '' && !settings.verbose && !interrupted) {
    console.error(verifyMessages.lastOutput(output));
  }
  unlisten();
  if (interrupted) {
    return INTERRUPTED;
  }
  return result.passed ? 0 : 1;
}

function show({ json }: VerifySettings, text: string, result: object): void {
  console.log(json ? JSON.stringify(result, undefined, 2) : text);
}

/** Shows the progress in one line of the terminal. */
function progress(text: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\u001B[K${text}`);
  }
}
