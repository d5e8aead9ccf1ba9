import {
  isFailure,
  type Operation,
  type OperationName,
  type Operations,
} from '../../src/state/operation.js';
import type { StateClient } from '../../src/state/client/state-client.js';

type Gives<Name extends OperationName> = Promise<Operations[Name]['gives']>;

/** The history of one topic for one client and one group. */
export class TopicHistory {
  readonly group = 'group';

  constructor(
    private readonly client: StateClient,
    readonly key: string,
  ) {}

  append(
    event: string,
    terms: { keep?: number; maxAge?: number; maxBytes?: number } = {},
  ): Gives<'append'> {
    return this.#run({ name: 'append', key: this.key, event, keep: 1_000, ...terms });
  }

  after(offset: string, count = 1_000): Gives<'history'> {
    return this.#run({ name: 'history', key: this.key, after: offset, count });
  }

  newest(): Gives<'newest'> {
    return this.#run({ name: 'newest', key: this.key });
  }

  facts(): Gives<'historyFacts'> {
    return this.#run({ name: 'historyFacts', key: this.key });
  }

  delete(): Gives<'historyDelete'> {
    return this.#run({ name: 'historyDelete', key: this.key });
  }

  deleteGroup(): Gives<'groupDelete'> {
    return this.#run({ name: 'groupDelete', ...this.#at });
  }

  join(): Gives<'groupJoin'> {
    return this.#run({ name: 'groupJoin', ...this.#at });
  }

  take(member: string, count = 1_000): Gives<'groupTake'> {
    return this.#run({ name: 'groupTake', ...this.#at, member, count, again: false });
  }

  takeAgain(member: string, count = 1_000): Gives<'groupTake'> {
    return this.#run({ name: 'groupTake', ...this.#at, member, count, again: true });
  }

  done(...offsets: string[]): Gives<'groupDone'> {
    return this.#run({ name: 'groupDone', ...this.#at, offsets });
  }

  members(): Gives<'groupMembers'> {
    return this.#run({ name: 'groupMembers', ...this.#at });
  }

  inherit(member: string, ...dead: string[]): Gives<'groupInherit'> {
    return this.#run({ name: 'groupInherit', ...this.#at, member, dead });
  }

  leave(member: string): Gives<'groupLeave'> {
    return this.#run({ name: 'groupLeave', ...this.#at, member });
  }

  get #at(): { readonly key: string; readonly group: string } {
    return { key: this.key, group: this.group };
  }

  #run<Name extends OperationName>(operation: Operation<Name>): Gives<Name> {
    return this.client.run(operation, result => {
      if (isFailure(result)) {
        throw new Error(`${result.failed}: ${result.found}`);
      }
      return result as Operations[Name]['gives'];
    });
  }
}
