/** The current faults of a network, and those that wait for a request. */
export class NetworkFaults {
  /** No data is delivered, and none is lost. */
  isStalled = false;
  /** The answers of the server are lost. */
  dropsReplies = false;
  /** The delay in each direction, in milliseconds. */
  latency = 0;
  /** The number of answers of the server that were lost. */
  lostReplies = 0;
  /** The number of connections that armed faults have cut. */
  struck = 0;
  readonly #armed: ArmedFault[] = [];

  /** The number of faults that wait for a request. */
  get armed(): number {
    return this.#armed.length;
  }

  arm(fault: ArmedFault): void {
    this.#armed.push(fault);
  }

  /** Removes and returns the fault that waits for such a request. */
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

/** A fault that a request will have. */
export interface ArmedFault {
  /** Which message is lost: the request or its answer. */
  readonly loses: 'request' | 'reply';
  /** The number of bytes of that message that are still delivered. */
  readonly bytes: number;
  /** A text that the request must contain. */
  readonly containing: string;
}
