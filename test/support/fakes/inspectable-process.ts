import { PassThrough } from 'node:stream';
import { FakeInspector, type InspectorRequest } from './fake-inspector.js';

type Send = (message: object) => void;

/** What an inspector does when its process is asked to close it. */
const CLOSES = 'close();';

/** A process that opens an inspector on SIGUSR1, as Node does: it tells the address on its standard error. */
export class InspectableProcess {
  readonly pid = 4_711;
  readonly stderr = new PassThrough();
  readonly signals: NodeJS.Signals[] = [];
  /** The process id that the inspector tells. */
  toldPid = this.pid;
  /** Whether it acts on the signal. */
  isDeaf = false;
  /** What it writes on SIGUSR1 instead of the address. */
  line: ((url: URL) => string) | undefined;
  url: URL | undefined;
  opened = 0;
  /** Answers all requests but the connection and the close. */
  answer: (request: InspectorRequest, send: Send) => void = ({ id }, send) =>
    send({ id, result: {} });
  #inspector: FakeInspector | undefined;

  get isOpen(): boolean {
    return this.#inspector !== undefined;
  }

  kill(signal: NodeJS.Signals): void {
    this.signals.push(signal);
    if (signal === 'SIGUSR1' && !this.isDeaf && !this.isOpen) {
      void this.open();
    }
  }

  async open(): Promise<void> {
    this.opened++;
    const inspector = new FakeInspector((request, send) => this.#onRequest(request, send));
    this.#inspector = inspector;
    this.url = await inspector.listen();
    this.say(this.line?.(this.url) ?? `Debugger listening on ${this.url.href}`);
  }

  close(): void {
    this.#inspector?.close();
    this.#inspector = undefined;
  }

  say(line: string): void {
    this.stderr.write(`${line}\n`);
  }

  /** Ends the process. */
  exit(): void {
    this.close();
    this.stderr.destroy();
  }

  #onRequest(request: InspectorRequest, send: Send): void {
    const { expression = '' } = request.params as { expression?: string };
    if (expression.includes(CLOSES)) {
      this.close();
    } else if (expression.includes('return process.pid')) {
      send({ id: request.id, result: { result: { value: this.toldPid } } });
    } else {
      this.answer(request, send);
    }
  }
}
