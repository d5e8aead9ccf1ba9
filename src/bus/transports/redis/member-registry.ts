import { assertReply } from '../../../redis/redis-replies.js';
import type { RedisLink } from '../../../redis/redis-link.js';
import { Script } from '../../../redis/lua-script.js';
import type { RedisKeys } from '../../../state/backends/redis/redis-keys.js';
import { literal, matching, text } from '../../../validation/shape/scalars.js';
import { list } from '../../../validation/shape/structures.js';
import type {
  MemberChange,
  MemberInfo,
  MemberList,
  UnknownMember,
} from '../../membership/bus-member.interface.js';
import { memberChangeShape, memberInfoShape } from '../../payload/bus-message.shapes.js';
import { BUS_VERSION, readText } from '../../payload/read-message.js';
import { unknownMemberFrom } from '../../membership/unknown-member.js';
import { KnownMembers } from './known-members.js';

/** The lease of a member in milliseconds: a member that does not renew it for this long is removed. */
const LEASE = 10_000;

const RENEWAL = LEASE / 3;

/** If no member has called for longer than this, the backend was unavailable. */
const SILENCE = LEASE / 2;

const SCRIPT = new Script(new URL('./lua/', import.meta.url), 'members');

const SCRIPT_NAME = 'the script "members"';

const DONE = literal(0, 1, '0', '1');

/** Names of members and their announced data, alternating; the version of the list, and the cursor of the next page. */
const PAGE = list(text());

const FIRST_PAGE = '0';

const CURSOR = matching(/^\d*$/, 'a cursor');

/** In place of a cursor: the caller knows the members. */
const UNCHANGED = '';

/**
 * The members of the bus in one namespace, with their announced data. A member is removed when it leaves, or when its
 * lease ends because its host crashed.
 *
 * @internal
 */
export class MemberRegistry {
  #info: MemberInfo | undefined;
  /** Whether the current data of this member is announced. */
  #isTold = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #known = new KnownMembers();

  constructor(
    private readonly link: RedisLink,
    private readonly keys: RedisKeys,
    /** Called for stored or announced data of a member that cannot be read. */
    private readonly onUnreadable: (place: string, error: Error) => void,
  ) {}

  /** The channel for changes. */
  get channel(): string {
    return this.keys.channel('bus', 'members');
  }

  /** Announces this member, and renews its lease until it leaves. */
  async announce(info: MemberInfo): Promise<void> {
    this.#info = info;
    this.#isTold = false;
    this.#timer ??= setInterval(() => void this.#renew(), RENEWAL).unref();
    assertReply(SCRIPT_NAME, DONE, await this.#run('announce', info.member, textOf(info)));
    this.#isTold ||= this.#info === info;
  }

  /** Announces this member again, because the backend may have lost its data. */
  async announceAgain(): Promise<void> {
    if (this.#info) {
      await this.announce(this.#info).catch(() => {});
    }
  }

  /**
   * Returns all members, with the readable part of members of other versions. A list is read page by page: the server would
   * need gigabytes if thousands of members read whole ones at the same time.
   */
  async list(): Promise<MemberList> {
    const news = this.#known.news();
    try {
      const [members, version, cursor] = await this.#page(FIRST_PAGE, ...this.#known.state);
      if (cursor !== UNCHANGED) {
        for (let next = cursor; next !== FIRST_PAGE;) {
          const [page, , following] = await this.#page(next);
          page.forEach((info, member) => members.set(member, info));
          next = following;
        }
        this.#known.replace(version, this.#read(members), news.changes);
      }
      return this.#known.list;
    } finally {
      news.end();
    }
  }

  async #page(cursor: string, known = '', count = 0) {
    const reply = await this.#run('list', known, String(count), cursor);
    assertReply(SCRIPT_NAME, PAGE, reply);
    const texts = reply as readonly string[];
    const [version = '', next = FIRST_PAGE] = texts.slice(-2);
    assertReply(SCRIPT_NAME, CURSOR, next);
    const infos = new Map<string, string>();
    for (let index = 0; index < texts.length - 2; index += 2) {
      infos.set(texts[index]!, texts[index + 1]!);
    }
    return [infos, version, next] as const;
  }

  /** Takes a change from the channel. */
  heard(message: string): MemberChange {
    try {
      const change = readText(message, memberChangeShape);
      this.#known.change(change);
      return change;
    } catch (error) {
      this.#known.forget();
      throw error;
    }
  }

  #read(entries: ReadonlyMap<string, string>): MemberList {
    const infos: MemberInfo[] = [];
    const strangers: UnknownMember[] = [];
    for (const [member, info] of entries) {
      try {
        infos.push(readText(info, memberInfoShape));
      } catch (error) {
        this.onUnreadable(this.channel, error as Error);
        strangers.push(unknownMemberFrom(member, info));
      }
    }
    return { infos, strangers };
  }

  /** Removes a member: this one, or one that is dead. */
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
      // If the backend is unavailable, this member is announced when it is back.
      const renewed = await this.#run('renew', info.member, textOf(info)).catch(() => 1);
      if (Number(renewed) === 0 || !this.#isTold) {
        await this.announceAgain();
      }
    }
  }

  #run(what: string, member = '', info = '', cursor = FIRST_PAGE): Promise<unknown> {
    const { keys } = this;
    return SCRIPT.run(
      this.link.client,
      [
        keys.of('bus', 'members'),
        keys.of('bus-leases', 'members'),
        this.channel,
        keys.of('bus-beat', 'members'),
        keys.of('bus-version', 'members'),
      ],
      [what, keys.publishing, LEASE, member, info, SILENCE, cursor],
    );
  }
}

/** Returns the data of a member as it is stored and announced. */
function textOf(info: MemberInfo): string {
  return JSON.stringify({ v: BUS_VERSION, ...info });
}
