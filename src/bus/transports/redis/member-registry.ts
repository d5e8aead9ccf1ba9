import { assertReply } from '../../../redis/redis-replies.js';
import type { RedisLink } from '../../../redis/redis-link.js';
import { Script } from '../../../redis/lua-script.js';
import type { RedisKeys } from '../../../state/backends/redis/redis-keys.js';
import { list, literal, text } from '../../../validation/shape.js';
import type {
  MemberInfo,
  MemberList,
  UnknownMember,
} from '../../membership/bus-member.interface.js';
import { memberInfoShape } from '../../payload/bus-message.shapes.js';
import { BUS_VERSION, readText } from '../../payload/read-message.js';
import { unknownMemberFrom } from '../../membership/unknown-member.js';

/** How long a member that says nothing counts as one, in milliseconds. */
const LEASE = 10_000;

const RENEWAL = LEASE / 3;

/** When nobody has said anything for longer than this, it is the backend that was away. */
const SILENCE = LEASE / 2;

const SCRIPT = new Script(new URL('./lua/', import.meta.url), 'members');

const SCRIPT_NAME = 'the script "members"';

const DONE = literal(0, 1, '0', '1');

/** Names of members and what they tell of themselves, by turns. */
const ENTRIES = list(text());

/**
 * Who takes part in the bus of a namespace: what each member tells of itself, for as long as it is there,
 * or, should its host end without a word, until its lease is over.
 *
 * @internal
 */
export class MemberRegistry {
  #info: MemberInfo | undefined;
  /** Whether the others know it as it is now. */
  #isTold = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly link: RedisLink,
    private readonly keys: RedisKeys,
    /** Something is stored among the members, or was said of them, that cannot be read. */
    private readonly onUnreadable: (place: string, error: Error) => void,
  ) {}

  /** Where changes are told. */
  get channel(): string {
    return this.keys.channel('bus', 'members');
  }

  /** Tells of this member, and renews that for as long as it does not leave. */
  async announce(info: MemberInfo): Promise<void> {
    this.#info = info;
    this.#isTold = false;
    this.#timer ??= setInterval(() => void this.#renew(), RENEWAL).unref();
    assertReply(SCRIPT_NAME, DONE, await this.#run('announce', info.member, textOf(info)));
    this.#isTold ||= this.#info === info;
  }

  /** Tells it again, to a backend that may have forgotten it. */
  async announceAgain(): Promise<void> {
    if (this.#info) {
      await this.announce(this.#info).catch(() => {});
    }
  }

  /** All members, and of those that this one cannot understand what it can. */
  async list(): Promise<MemberList> {
    const reply = await this.#run('list');
    assertReply(SCRIPT_NAME, ENTRIES, reply);
    const entries = reply as readonly string[];
    const infos: MemberInfo[] = [];
    const strangers: UnknownMember[] = [];
    for (let index = 0; index < entries.length; index += 2) {
      const info = entries[index + 1] ?? '';
      try {
        infos.push(readText(info, memberInfoShape));
      } catch (error) {
        this.onUnreadable(this.channel, error as Error);
        strangers.push(unknownMemberFrom(entries[index]!, info));
      }
    }
    return { infos, strangers };
  }

  /** A member, this one or one that is dead, is gone. */
  async remove(member: string): Promise<void> {
    if (member === this.#info?.member) {
      clearInterval(this.#timer);
      this.#info = undefined;
    }
    await this.#run('leave', member);
  }

  async #renew(): Promise<void> {
    const info = this.#info;
    if (info) {
      // When the backend is away, it is told as soon as it is back.
      const renewed = await this.#run('renew', info.member, textOf(info)).catch(() => 1);
      if (Number(renewed) === 0 || !this.#isTold) {
        await this.announceAgain();
      }
    }
  }

  #run(what: string, member = '', info = ''): Promise<unknown> {
    const { keys } = this;
    return SCRIPT.run(
      this.link.client,
      [
        keys.of('bus', 'members'),
        keys.of('bus-leases', 'members'),
        this.channel,
        keys.of('bus-beat', 'members'),
      ],
      [what, keys.publishing, LEASE, member, info, SILENCE],
    );
  }
}

/** What a member tells of itself, as it is stored and told. */
function textOf(info: MemberInfo): string {
  return JSON.stringify({ v: BUS_VERSION, ...info });
}
