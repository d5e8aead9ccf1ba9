/** How a network fails just now, and how it is going to. */
export class NetworkFaults {
  /** Nothing gets through, and nothing gets lost. */
  isStalled = false;
  /** The server's answers get lost. */
  dropsReplies = false;
  /** Milliseconds that everything takes, each way. */
  latency = 0;
  /** Answers of the server that no client has got. */
  lostReplies = 0;
  /** Connections cut by faults that were armed. */
  struck = 0;
  readonly #armed: ArmedFault[] = [];

  /** How many faults await a request. */
  get armed(): number {
    return this.#armed.length;
  }

  arm(fault: ArmedFault): void {
    this.#armed.push(fault);
  }

  /** The fault that awaits a request like this. It is for this one, and no other. */
  take(request: Buffer): ArmedFault | undefined {
    const index = this.#armed.findIndex(({ containing }) => request.includes(containing));
    return index < 0 ? undefined : this.#armed.splice(index, 1)[0];
  }

  clear(): void {
    this.isStalled = false;
    this.dropsReplies = false;
    this.latency = 0;
    this.#armed.length = 0;
  }
}

/** What is going to happen to a request. */
export interface ArmedFault {
  /** What gets lost: the request, or the answer to it. */
  readonly loses: 'request' | 'reply';
  /** How many bytes of it get through. */
  readonly bytes: number;
  /** What a request has to have in it. */
  readonly containing: string;
}
