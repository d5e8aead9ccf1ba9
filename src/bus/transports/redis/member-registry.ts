import { assertReply } from '../../../redis/redis-replies.js';
import type { RedisLink } from '../../../redis/redis-link.js';
import { Script } from '../../../redis/lua-script.js';
import type { RedisKeys } from '../../../state/backends/redis/redis-keys.js';
import { matching, text } from '../../../validation/shape/scalars.js';
import { list } from '../../../validation/shape/structures.js';
import type {
  MemberInfo,
  MemberList,
  UnknownMember,
} from '../../membership/bus-member.interface.js';
import { memberChangeShape, memberInfoShape } from '../../payload/bus-message.shapes.js';
import { readText } from '../../payload/read-message.js';
import { unknownMemberFrom } from '../../membership/unknown-member.js';
import { memberChangeFrom, type MemberChange } from '../../membership/member-change.js';
import { SharedRuns } from '../../../system/async/shared-runs.js';
import { within } from '../../../system/async/within.js';
import { busMessages } from '../../bus.messages.js';
import { KnownMembers } from './known-members.js';
import { textOf } from './member-text.js';

const SCRIPT = new Script(new URL('./lua/', import.meta.url), 'members');

const SCRIPT_NAME = 'the script "members"';

/** The lease of a member in milliseconds: a member that does not renew it for this long is removed. */
const LEASE = 10_000;

const RENEWAL = LEASE / 3;

/** If no member has called for longer than this, the backend was unavailable. */
const SILENCE = LEASE / 2;

/** Milliseconds for each member, over which the members spread out when all of them must read the list. */
const SPREAD = 4;

/** From this number on, members restore silently what the server has lost. */
const MANY = 200;

/** Names of members and their announced data, alternating, and then the texts of the trailer. */
const PAGE = list(text());

/**
 * Number of texts at the end of a page: the version of the list, the cursor of the next page, the time of creation of
 * the list, and in how many milliseconds it must be read again.
 */
const TRAILER = 4;

/** The cursor of the first page; as the cursor of the next page: there is none. */
const FIRST_PAGE = '0';

/** In place of a cursor: the members have changed, and the others are as they are known. */
const CHANGES = '';

/** Like {@link CHANGES}, and more members have changed. */
const MORE_CHANGES = '+';

const CURSOR = matching(/^(?:\d*|\+)$/, 'a cursor');

const NUMBER = matching(/^\d*$/, 'a number');

/** Arguments of the script, see members.lua. */
interface ScriptRequest {
  /** The member; for a list, the version after which changes are unknown. */
  readonly member?: string;
  /** The data of the member; for a list, the digest of what is known. */
  readonly data?: string;
  readonly cursor?: string;
  /** The number of members that are known. */
  readonly count?: number;
  /** The time of creation of the list that is known. */
  readonly of?: string;
}

/**
 * The members of the bus in one namespace, with their announced data. A member is removed when it leaves, or when its
 * lease ends because its host crashed.
 *
 * @internal
 */
export class MemberRegistry {
  /** The name of this member. */
  #member = '';
  /** What it has announced, or is about to announce, until it leaves. */
  #info: MemberInfo | undefined;
  /**
   * Changes the entry of this member: one call at a time. A Redis Cluster may execute a call that was redirected or
   * repeated after later ones, and the entry would then be an old one. A call without an answer does not block others
   * for longer than a lease.
   */
  readonly #changes = new SharedRuns<'announce' | 'leave', void>(change =>
    within(LEASE, change === 'announce' ? this.#announceSelf() : this.#leave(), () => {
      throw new Error(busMessages.unreachable());
    }),
  );
  #hasLeft = false;
  /** Whether the current data of this member is announced. */
  #isAnnounced = false;
  /** The data that was announced last, and the time of creation of the list that has it. */
  #announced = { data: '', of: '' };
  #renewing: NodeJS.Timeout | undefined;
  #rereading: NodeJS.Timeout | undefined;

  constructor(
    private readonly link: RedisLink,
    private readonly keys: RedisKeys,
    /** Called for stored or announced data of a member that cannot be read. */
    private readonly onUnreadable: (place: string, error: Error) => void,
    /** Called when the list must be read, because the server had lost it. */
    private readonly onStale: () => void = () => {},
    private readonly known = new KnownMembers(),
    private readonly many = MANY,
  ) {}

  /** The channel for changes, as its subscribers name it. */
  get channel(): string {
    return this.keys.subscribedKey(this.#channelKey);
  }

  get #channelKey(): string {
    return this.keys.channel('bus', 'members');
  }

  /**
   * Announces this member, and renews its lease until it leaves. Resolves when this or a later announcement is stored, or
   * when the member has left.
   */
  announce(info: MemberInfo): Promise<void> {
    if (this.#hasLeft) {
      return Promise.resolve();
    }
    this.#member = info.member;
    this.#info = info;
    this.#isAnnounced = false;
    this.#renewing ??= setInterval(() => void this.#renew(), RENEWAL).unref();
    return this.#changes.next('announce');
  }

  async #announceSelf(): Promise<void> {
    const info = this.#info;
    if (!info) {
      // It has left meanwhile.
      return;
    }
    const data = textOf(info);
    // The others must be told what they do not know yet.
    const of = data === this.#announced.data ? this.#announced.of : '';
    const { count } = this.known;
    const created = await this.#run('announce', { member: this.#member, data, count, of });
    assertReply(SCRIPT_NAME, NUMBER, created);
    this.#isAnnounced ||= this.#info === info;
    this.#announced = { data, of: created as string };
    if (this.known.created !== '' && this.known.created !== created) {
      this.known.keep();
      this.#readLater(LEASE);
    }
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
    let isWhole = false;
    while (!isWhole) {
      isWhole = await this.#read();
    }
    return this.known.list;
  }

  /** Takes a change from the channel. */
  heard(message: string): MemberChange {
    try {
      const change = memberChangeFrom(readText(message, memberChangeShape));
      this.known.change(change);
      return change;
    } catch (error) {
      this.known.forget();
      throw error;
    }
  }

  /** Removes a member: this one, or one that is dead. */
  async remove(member: string): Promise<void> {
    if (member === this.#info?.member) {
      clearInterval(this.#renewing);
      clearTimeout(this.#rereading);
      this.#info = undefined;
      this.#hasLeft = true;
      // Again after an announcement that is under way: the server may execute it later.
      const again = this.#changes.isIdle ? undefined : this.#changes.next('leave');
      const leaving = this.#leave();
      await Promise.allSettled([leaving, again]);
      await (again ?? leaving);
    } else {
      await this.#run('leave', { member, of: this.known.created });
    }
  }

  async #leave(): Promise<void> {
    await this.#run('leave', { member: this.#member, of: this.#announced.of });
  }

  /** Reads the list, or a page of its changes. @returns whether that is all */
  async #read(): Promise<boolean> {
    const { known } = this;
    const { checkpoint, digest, count, created: of } = known;
    const news = known.news();
    try {
      const first = await this.#page({ member: checkpoint, data: digest, count, of });
      const { members, version, created, wait } = first;
      if (wait > 0) {
        this.#readLater(wait);
      }
      if (first.next !== CHANGES && first.next !== MORE_CHANGES) {
        for (let { next } = first; next !== FIRST_PAGE;) {
          const page = await this.#page({ cursor: next });
          page.members.forEach((info, member) => members.set(member, info));
          next = page.next;
        }
        known.replace(version, created, this.#parse(members), news.changes);
        return true;
      }
      if (version === '') {
        // The other members are restoring the list.
        known.keep();
        return true;
      }
      if (Number(known.checkpoint) < Number(checkpoint)) {
        // Another list has come in the meantime.
        return false;
      }
      known.replace(version, created, this.#parse(members), news.changes, members.keys());
      return first.next === CHANGES;
    } finally {
      news.end();
    }
  }

  async #page(request: ScriptRequest) {
    const reply = await this.#run('list', request);
    assertReply(SCRIPT_NAME, PAGE, reply);
    const texts = reply as readonly string[];
    const [version = '', next = FIRST_PAGE, created = '', wait = ''] = texts.slice(-TRAILER);
    assertReply(SCRIPT_NAME, CURSOR, next);
    [created, wait].forEach(number => assertReply(SCRIPT_NAME, NUMBER, number));
    const members = new Map<string, string>();
    for (let index = 0; index < texts.length - TRAILER; index += 2) {
      members.set(texts[index]!, texts[index + 1]!);
    }
    return { members, version, next, created, wait: Number(wait) };
  }

  #parse(entries: ReadonlyMap<string, string>): MemberList {
    const infos: MemberInfo[] = [];
    const strangers: UnknownMember[] = [];
    for (const [member, info] of entries) {
      if (info === '') {
        // It has left.
        continue;
      }
      try {
        infos.push(readText(info, memberInfoShape));
      } catch (error) {
        this.onUnreadable(this.channel, error as Error);
        strangers.push(unknownMemberFrom(member, info));
      }
    }
    return { infos, strangers };
  }

  /** The members have restored what the server had lost. Not all of them read it at the same time. */
  #readLater(milliseconds: number): void {
    if (!this.#info) {
      return;
    }
    this.#rereading ??= setTimeout(
      () => {
        this.#rereading = undefined;
        this.onStale();
      },
      milliseconds + Math.random() * Math.max(SILENCE, SPREAD * this.known.count),
    ).unref();
  }

  async #renew(): Promise<void> {
    const info = this.#info;
    if (info) {
      // If the backend is unavailable, this member is announced when it is back.
      const renewed = await this.#run('renew', { member: info.member, data: textOf(info) }).catch(
        () => 1,
      );
      if (Number(renewed) === 0 || !this.#isAnnounced) {
        await this.announceAgain();
      }
    }
  }

  async #run(
    action: 'announce' | 'renew' | 'leave' | 'list',
    { member = '', data = '', cursor = FIRST_PAGE, count = 0, of = '' }: ScriptRequest,
  ): Promise<unknown> {
    const { keys } = this;
    const key = (what: string): string => keys.of(what, 'members');
    return SCRIPT.run(
      this.link.client,
      [
        key('bus'),
        key('bus-leases'),
        this.#channelKey,
        key('bus-beat'),
        key('bus-version'),
        key('bus-created'),
        key('bus-restore'),
        key('bus-digest'),
        key('bus-patience'),
        key('bus-changes'),
      ],
      [action, keys.publishing, LEASE, member, data, SILENCE, cursor, count, of, this.many],
    );
  }
}
