import type { Socket } from 'node:net';
import type { ArmedFault, NetworkFaults } from './network-faults.js';
import { OneWay } from './one-way.js';
import { RespReader, type RespValue } from './redis/resp-reader.js';

/** Commands that are answered by pushes, one for each channel. */
const ANSWERED_BY_PUSHES = /^[ps]?(un)?subscribe$/i;

/** A connection of a client, and the connection to the server that was opened for it. */
export class ProxiedConnection {
  /** Resolves when both sides are closed. */
  onClosed: () => void = () => {};
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #faults: NetworkFaults;
  readonly #ways: readonly OneWay[];
  readonly #requests = new RespReader();
  readonly #replies = new RespReader();
  #asked = 0;
  #answered = 0;
  #fault: ArmedFault | undefined;
  /** The number of bytes of the lost message that may still be delivered. */
  #bytesLeft = 0;
  /** The number of pending answers to the requests before the one with the fault. */
  #answersBefore = 0;
  /** Whether a side has lost data: the two sides are then out of step. */
  #hasLost = false;

  constructor(client: Socket, server: Socket, faults: NetworkFaults) {
    this.#client = client;
    this.#server = server;
    this.#faults = faults;
    this.#ways = [
      new OneWay(client, server, faults, bytes => this.#request(bytes)),
      new OneWay(server, client, faults, bytes => this.#reply(bytes)),
    ];
    for (const socket of [client, server]) {
      socket.on('error', () => this.destroy());
      socket.on('close', () => {
        if (client.closed && server.closed) {
          this.onClosed();
        }
      });
    }
  }

  /** To be called when the network has changed. */
  proceed(): void {
    this.#ways.forEach(way => way.proceed());
  }

  /** Ends the faults. A connection that has lost data is cut. */
  heal(): void {
    this.#fault = undefined;
    if (this.#hasLost) {
      this.destroy();
    }
  }

  destroy(): void {
    this.#ways.forEach(way => way.end());
    this.#client.destroy();
    this.#server.destroy();
  }

  #request(bytes: Buffer): void {
    if (!this.#fault) {
      this.#fault = this.#faults.take(bytes);
      this.#bytesLeft = this.#fault?.bytes ?? 0;
      this.#answersBefore = this.#asked;
    }
    this.#asked += this.#requests.read(bytes).filter(isAnswered).length;
    if (this.#fault?.loses === 'request') {
      this.#requestUntilCut(bytes);
    } else {
      this.#server.write(bytes);
    }
  }

  #requestUntilCut(bytes: Buffer): void {
    const passing = bytes.subarray(0, this.#bytesLeft);
    this.#bytesLeft -= passing.length;
    if (this.#hasLost) {
      return;
    }
    if (this.#bytesLeft > 0) {
      this.#server.write(passing);
      return;
    }
    this.#hasLost = true;
    // The server closes the connection when it has carried out all that it has received. The client is notified only
    // then, so a test can rely on the one when it sees the other.
    this.#server.end(passing);
    this.#server.once('close', () => this.#cut());
  }

  #reply(bytes: Buffer): void {
    const answers = this.#replies.read(bytes).filter(isAnswer);
    if (this.#fault?.loses === 'reply') {
      this.#replyUntilCut(bytes, answers);
    } else {
      const isLost = this.#faults.dropsReplies || this.#hasLost;
      this.#answered += answers.length;
      this.#pass(bytes, isLost ? 0 : bytes.length, answers);
    }
  }

  #replyUntilCut(bytes: Buffer, answers: readonly RespValue[]): void {
    const earlier = this.#answersBefore - this.#answered;
    const lengthOfEarlier =
      answers.length < earlier ? bytes.length : (answers[earlier - 1]?.end ?? 0);
    const length = Math.min(bytes.length, lengthOfEarlier + this.#bytesLeft);
    this.#bytesLeft -= length - lengthOfEarlier;
    this.#answered += answers.length;
    this.#pass(bytes, length, answers);
    const isAllAsked = !this.#requests.isMidway;
    const isAllAnswered = !this.#replies.isMidway && this.#answered === this.#asked;
    if (bytes.length > lengthOfEarlier && isAllAsked && isAllAnswered) {
      this.#cut();
    }
  }

  /** Limits the number of bytes that are delivered to the client. */
  #pass(bytes: Buffer, length: number, answers: readonly RespValue[]): void {
    this.#faults.lostReplies += answers.filter(({ end }) => end > length).length;
    this.#hasLost ||= length < bytes.length;
    if (length > 0) {
      this.#client.write(bytes.subarray(0, length));
    }
  }

  /** Data that was delivered before still arrives. */
  #cut(): void {
    this.#ways.forEach(way => way.end());
    this.#server.destroySoon();
    this.#client.destroySoon();
    this.#faults.struck++;
  }
}

function isAnswered({ head }: RespValue): boolean {
  return !ANSWERED_BY_PUSHES.test(head);
}

function isAnswer({ type }: RespValue): boolean {
  return type !== '>';
}
