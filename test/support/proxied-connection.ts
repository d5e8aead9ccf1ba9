import type { Socket } from 'node:net';
import type { ArmedFault, NetworkFaults } from './network-faults.js';
import { OneWay } from './one-way.js';
import { RespReader, type RespValue } from './redis/resp-reader.js';

/** Their answers are pushes, as many as there are channels. */
const ANSWERED_BY_PUSHES = /^[ps]?(un)?subscribe$/i;

/** A client's connection, and the one to the server that was opened for it. */
export class ProxiedConnection {
  /** Both sides are gone. */
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
  /** What may still get through of that which gets lost. */
  #bytesLeft = 0;
  /** How many answers there are to what was asked before the request that the fault is for. */
  #answersBefore = 0;
  /** Whether one side has missed something: the two would misunderstand each other from now on. */
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

  /** Back to normal. Where something has got lost, it takes a new connection to get there. */
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
    // It hangs up when it has carried out what it has got. Only then does the client notice: a test
    // may rely on the one when it sees the other.
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

  /** Only so many of the bytes get to the client. */
  #pass(bytes: Buffer, length: number, answers: readonly RespValue[]): void {
    this.#faults.lostReplies += answers.filter(({ end }) => end > length).length;
    this.#hasLost ||= length < bytes.length;
    if (length > 0) {
      this.#client.write(bytes.subarray(0, length));
    }
  }

  /** What was handed over before still arrives. */
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
