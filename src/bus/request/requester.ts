import { afterReading } from '../../system/time/deadline-timer.js';
import type { AskResult, MissingReply, Reply } from './ask-result.interface.js';
import { type MemberInfo, memberOf, type Sender } from '../membership/bus-member.interface.js';
import type { SentReply } from '../payload/bus-message.js';

/** A pending request. */
interface Open {
  readonly replies: Reply[];
  readonly missing: MissingReply[];
  /** The members that have not answered yet; `undefined` until the members that should answer are known. */
  waiting: Map<string, MemberInfo> | undefined;
  readonly answered: Set<string>;
  readonly gone: Set<string>;
  readonly finish: () => void;
}

/**
 * The pending requests of this member, with the answers so far and the members that are missing.
 *
 * @internal
 */
export class Requester {
  readonly #open = new Map<string, Open>();

  /**
   * Sends a request and collects the answers, for at most `timeout` milliseconds.
   *
   * @param ask sends the request; resolves with all members that should answer it
   * @throws the error of `ask`
   */
  async collect(
    question: string,
    timeout: number,
    ask: () => Promise<readonly MemberInfo[]>,
  ): Promise<AskResult> {
    let finish!: () => void;
    let cancel: (() => void) | undefined;
    const finished = new Promise<void>(resolve => {
      finish = resolve;
      cancel = afterReading(timeout, resolve);
    });
    const open: Open = {
      replies: [],
      missing: [],
      waiting: undefined,
      answered: new Set(),
      gone: new Set(),
      finish,
    };
    this.#open.set(question, open);
    try {
      const expected = await ask();
      open.waiting = new Map(expected.map(info => [info.member, info]));
      open.answered.forEach(member => open.waiting?.delete(member));
      open.gone.forEach(member => this.#miss(open, member));
      this.#look(open);
      await finished;
    } finally {
      cancel?.();
      this.#open.delete(question);
    }
    const late = [...open.waiting.values()].map(
      info => ({ worker: memberOf(info), reason: 'timeout' }) as const,
    );
    return { replies: open.replies, missing: [...open.missing, ...late] };
  }

  answered(from: Sender, { answers, value, error }: SentReply): void {
    const open = this.#open.get(answers);
    if (!open || open.answered.has(from.member)) {
      return;
    }
    open.answered.add(from.member);
    open.waiting?.delete(from.member);
    const worker = memberOf(from);
    if (error === undefined) {
      open.replies.push({ worker, value });
    } else {
      open.missing.push({ worker, reason: 'failed', error });
    }
    this.#look(open);
  }

  /** Called when a member has left: its answers will not come. */
  gone(member: string): void {
    for (const open of this.#open.values()) {
      open.gone.add(member);
      this.#miss(open, member);
      this.#look(open);
    }
  }

  /** Ends all pending requests as if their time were over. */
  close(): void {
    this.#open.forEach(({ finish }) => finish());
  }

  #miss(open: Open, member: string): void {
    const info = open.waiting?.get(member);
    if (info) {
      open.waiting?.delete(member);
      open.answered.add(member);
      open.missing.push({ worker: memberOf(info), reason: 'gone' });
    }
  }

  #look({ waiting, finish }: Open): void {
    if (waiting?.size === 0) {
      finish();
    }
  }
}
