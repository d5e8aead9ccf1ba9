/**
 * `npm run verify:doctor [-- <checkout>]`: adds `ClusterModule` to each sample application of Nest's repository, runs it with
 * two workers, and compares the warnings of the doctor with those that are right. Without a checkout, the repository is
 * cloned. The exit code is 1 if a warning is false or missing, or if an application does not start.
 */
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { packOurs } from '../../scripts/compatibility/package.mjs';
import { Application } from '../support/application.js';
import { CommandLine } from '../support/command-line.js';
import { applicationsOf, openCheckout } from './checkout.js';
import { judge, type Verdict } from './judge.js';
import { SampleProject } from './sample-project.js';
import { sampleOf } from './samples.js';
import { Servers } from './servers.js';

const WORKERS = 2;

/** The ports of the applications, which are fixed in their code. The first one is that of most of them. */
const PORT = /\.listen\((?:[^)]*\?\? )?(\d+)/;

const [path] = process.argv.slice(2);
const directory = await realpath(await mkdtemp(join(tmpdir(), 'nestjs-cluster-samples-')));
const servers = new Servers();
let failures = 0;
let warnings = 0;
let examined = 0;

try {
  const { directory: checkout, commit } = await openCheckout(path && resolve(path), directory);
  const samples = join(checkout, 'sample');
  const groups = (await readdir(samples)).toSorted().map(name => applicationsOf(name, samples));
  const leftOut = groups.flat().filter(each => sampleOf(each).leftOut !== undefined);
  const toRun = groups.map(group => group.filter(each => !leftOut.includes(each)));
  const tarball = await packOurs(directory);
  const project = await SampleProject.create(directory, samples, toRun.flat(), tarball);
  console.log(`The samples at ${commit}, with Nest ${project.versionOf('@nestjs/core')}:`);
  for (const group of toRun) {
    await examineTogether(project, group);
  }
  leftOut.forEach(each => console.log(`  ${each}: not run, ${sampleOf(each).leftOut}`));
  console.log(
    `${examined} applications, ${warnings} with a warning; ${failures} with a false or missing warning, or not started.`,
  );
  process.exitCode = failures === 0 && examined > 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await Application.endAll();
  await servers.stop();
  await rm(directory, { recursive: true, force: true });
}

/** Examines the applications of one sample, which may need each other. */
async function examineTogether(project: SampleProject, group: readonly string[]): Promise<void> {
  try {
    for (const application of group) {
      const { line, isGood, hasWarning } = await examine(project, application).catch(
        notStarted(application),
      );
      console.log(`  ${line}`);
      examined++;
      warnings += hasWarning ? 1 : 0;
      failures += isGood ? 0 : 1;
    }
  } finally {
    await Application.endAll();
  }
}

interface Result extends Verdict {
  readonly hasWarning: boolean;
}

/** Runs an application, which goes on: others may need it. */
async function examine(project: SampleProject, application: string): Promise<Result> {
  const { server } = sampleOf(application);
  const main = await project.build(application, await servers.change(server));
  const cwd = join(project.directory, application);
  const env = { ...(await servers.env(server)), CLUSTER_WORKERS: String(WORKERS) };
  const app = await Application.ready(application, { main, cwd, env, port: await portOf(main) });
  // Sessions are examined with the first request.
  await fetch(app.url('/')).then(async response => response.arrayBuffer());
  const command = new CommandLine(['doctor', '--json', '--pid', String(app.pid)], 'pipe', {}, cwd);
  await command.ended;
  const shown = JSON.parse(command.stdout) as readonly { readonly check: string }[];
  // The log may be later than the command.
  await app.until(() => loggedBy(app).length >= shown.length, 5_000).catch(() => {});
  const logged = loggedBy(app);
  const examination = {
    application,
    logged,
    shown: shown.map(({ check }) => check),
  };
  return { ...judge(examination), hasWarning: shown.length > 0 || logged.length > 0 };
}

function loggedBy({ output }: Application): readonly string[] {
  const lines = output.matchAll(/\[Doctor\].*CLUSTER_DOCTOR=-([\w.-]+)/g);
  return [...lines].map(([, check = '']) => check);
}

async function portOf(main: string): Promise<number> {
  return Number(PORT.exec(await readFile(main, 'utf8'))?.[1] ?? 3_000);
}

function notStarted(application: string): (error: unknown) => Result {
  return error => {
    const text = error instanceof Error ? error.message : String(error);
    // The log of an application that has ended is part of the message.
    const why = /(?<=FATAL ).*/.exec(text)?.[0] ?? text;
    return { line: `${application}: NOT EXAMINED: ${why}`, isGood: false, hasWarning: false };
  };
}
