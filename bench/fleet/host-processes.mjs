// @ts-check
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuMilliseconds } from '../support/cpu.mjs';

const HOSTS = fileURLToPath(new URL('./hosts.mjs', import.meta.url));

/** The processes with the stand-ins. */
export class HostProcesses {
  #calls = 0;
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  #pending = new Map();

  /** @param {number} count */
  constructor(count) {
    this.processes = Array.from({ length: count }, () => fork(HOSTS));
    for (const child of this.processes) {
      child.on('message', (/** @type {any} */ { id, value, error }) => {
        const call = this.#pending.get(id);
        this.#pending.delete(id);
        if (error === undefined) {
          call?.resolve(value);
        } else {
          call?.reject(new Error(error));
        }
      });
      child.once('exit', () => {
        this.#pending.forEach(({ reject }) =>
          reject(new Error('A process of stand-ins has ended')),
        );
        this.#pending.clear();
      });
    }
  }

  /** Milliseconds of CPU time that they have used. */
  get cpu() {
    return cpuMilliseconds(this.processes.flatMap(({ pid }) => pid ?? []));
  }

  /**
   * Sends a command to all processes.
   *
   * @param {string} name
   * @param {object | ((index: number) => object)} [params]
   * @returns {Promise<any[]>} the answers
   */
  all(name, params = {}) {
    return Promise.all(
      this.processes.map((child, index) =>
        this.#ask(child, name, typeof params === 'function' ? params(index) : params),
      ),
    );
  }

  /**
   * @param {string} name
   * @param {object} [params]
   */
  first(name, params = {}) {
    return this.#ask(this.processes[0], name, params);
  }

  async stop() {
    await Promise.all(
      this.processes.map(async child => {
        if (child.exitCode === null && child.signalCode === null) {
          // It has nothing to finish, and may be busy.
          child.kill('SIGKILL');
          await once(child, 'exit');
        }
      }),
    );
  }

  /**
   * @param {import('node:child_process').ChildProcess | undefined} child
   * @param {string} name
   * @param {object} params
   */
  #ask(child, name, params) {
    const id = ++this.#calls;
    const answer = new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      child?.send({ id, name, params });
    });
    // Nobody may wait for it any more when the process ends.
    answer.catch(() => {});
    return answer;
  }
}
