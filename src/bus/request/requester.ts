import { afterReading } from '../../system/time/deadline-timer.js';
import type { AskResult, MissingReply, Reply } from './ask-result.interface.js';
import type { MemberInfo } from '../membership/bus-member.interface.js';
import { memberOf } from '../membership/bus-member.interface.js';
import type { ReplyText } from '../payload/bus-message.js';

/** A question that is open. */
interface Open {
  readonly replies: Reply[];
  readonly missing: MissingReply[];
  /** Who has not answered yet; `undefined` as long as nobody knows who is to. */
  waiting: Map<string, MemberInfo> | undefined;
  readonly answered: Set<string>;
  readonly gone: Set<string>;
  readonly finish: () => void;
}

/**
 * The questions of this member: who has answered, who has not, and who is gone.
 *
 * @internal
 */
export class Requester {
  readonly #open = new Map<string, Open>();

  /**
   * Collects the answers to a question, for so many milliseconds at most.
   *
   * @param ask puts the question; resolves with all who are to answer it
   * @throws what `ask` throws
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

  answered({ answers, from, value, error }: ReplyText): void {
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

  /** A member is gone: it answers nothing any more. */
  gone(member: string): void {
    for (const open of this.#open.values()) {
      open.gone.add(member);
      this.#miss(open, member);
      this.#look(open);
    }
  }

  /** Ends all questions as if their time were over. */
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
