import { assertReply } from '../../../redis/redis-replies.js';
import type { RedisLink } from '../../../redis/redis-link.js';
import { Script } from '../../../redis/lua-script.js';
import type { RedisKeys } from '../../../state/backends/redis/redis-keys.js';
import { matching, text } from '../../../validation/shape/scalars.js';
import { list } from '../../../validation/shape/structures.js';
import type {
  MemberChange,
  MemberInfo,
  MemberList,
  UnknownMember,
} from '../../membership/bus-member.interface.js';
import { memberChangeFrom } from '../../payload/bus-message.js';
import { memberChangeShape, memberInfoShape } from '../../payload/bus-message.shapes.js';
import { readText } from '../../payload/read-message.js';
import { unknownMemberFrom } from '../../membership/unknown-member.js';
import { KnownMembers } from './known-members.js';
import { textOf } from './member-text.js';

/** The lease of a member in milliseconds: a member that does not renew it for this long is removed. */
const LEASE = 10_000;

const RENEWAL = LEASE / 3;

/** If no member has called for longer than this, the backend was unavailable. */
const SILENCE = LEASE / 2;

const SCRIPT = new Script(new URL('./lua/', import.meta.url), 'members');

const SCRIPT_NAME = 'the script "members"';

/** Milliseconds for each member, over which the members spread out when all of them must read the list. */
const SPREAD = 4;

/** From this number on, members restore silently what the server has lost. */
const MANY = 200;

/**
 * Names of members and their announced data, alternating; the version of the list, the cursor of the next page, the time
 * of its creation, and in how many milliseconds it must be read again.
 */
const PAGE = list(text());

const TRAILER = 4;

const FIRST_PAGE = '0';

const NUMBER = matching(/^\d*$/, 'a number');

/** In place of a cursor: the members have changed, and the others are as they are known. */
const CHANGES = '';

/** Like {@link CHANGES}, and more members have changed. */
const MORE_CHANGES = '+';

const CURSOR = matching(/^(?:\d*|\+)$/, 'a cursor');

/** Arguments of the script, see members.lua. */
interface ScriptRequest {
  /** The member; for a list, the version since which changes are unknown. */
  readonly member?: string;
  /** The data of the member; for a list, the digest of what is known. */
  readonly data?: string;
  readonly cursor?: string;
  /** The number of members that are known. */
  readonly count?: number;
  /** When the list that is known was created. */
  readonly of?: string;
}

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
  /** What was announced last, and when the list was created of which it is a part. */
  #announced = { data: '', of: '' };
  #timer: NodeJS.Timeout | undefined;
  #stale: NodeJS.Timeout | undefined;

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

  /** The channel for changes. */
  get channel(): string {
    return this.keys.channel('bus', 'members');
  }

  /** Announces this member, and renews its lease until it leaves. */
  async announce(info: MemberInfo): Promise<void> {
    this.#info = info;
    this.#isTold = false;
    this.#timer ??= setInterval(() => void this.#renew(), RENEWAL).unref();
    const data = textOf(info);
    // The others must be told what they do not know yet.
    const of = data === this.#announced.data ? this.#announced.of : '';
    const { count } = this.known;
    const created = await this.#run('announce', { member: info.member, data, count, of });
    assertReply(SCRIPT_NAME, NUMBER, created);
    this.#isTold ||= this.#info === info;
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

  /** Reads the list, or a page of its changes. @returns whether that is all */
  async #read(): Promise<boolean> {
    const { known } = this;
    const news = known.news();
    try {
      const { checkpoint } = known;
      const first = await this.#page({
        member: checkpoint,
        data: known.digest,
        count: known.count,
        of: known.created,
      });
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
      } else if (version === '') {
        known.keep();
      } else if (Number(known.checkpoint) < Number(checkpoint)) {
        // Another list has come in the meantime.
        return false;
      } else {
        known.replace(version, created, this.#parse(members), news.changes, members.keys());
        return first.next !== MORE_CHANGES;
      }
      return true;
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

  /** The members have restored what the server had lost. Not all of them read it at the same time. */
  #readLater(milliseconds: number): void {
    if (!this.#info) {
      return;
    }
    this.#stale ??= setTimeout(
      () => {
        this.#stale = undefined;
        this.onStale();
      },
      milliseconds + Math.random() * Math.max(SILENCE, SPREAD * this.known.count),
    ).unref();
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

  /** Removes a member: this one, or one that is dead. */
  async remove(member: string): Promise<void> {
    let of = this.known.created;
    if (member === this.#info?.member) {
      ({ of } = this.#announced);
      clearInterval(this.#timer);
      clearTimeout(this.#stale);
      this.#info = undefined;
    }
    await this.#run('leave', { member, of });
  }

  async #renew(): Promise<void> {
    const info = this.#info;
    if (info) {
      // If the backend is unavailable, this member is announced when it is back.
      const renewed = await this.#run('renew', { member: info.member, data: textOf(info) }).catch(
        () => 1,
      );
      if (Number(renewed) === 0 || !this.#isTold) {
        await this.announceAgain();
      }
    }
  }

  #run(
    what: string,
    { member = '', data = '', cursor = FIRST_PAGE, count = 0, of = '' }: ScriptRequest,
  ): Promise<unknown> {
    const { keys } = this;
    return SCRIPT.run(
      this.link.client,
      [
        keys.of('bus', 'members'),
        keys.of('bus-leases', 'members'),
        this.channel,
        keys.of('bus-beat', 'members'),
        keys.of('bus-version', 'members'),
        keys.of('bus-created', 'members'),
        keys.of('bus-restore', 'members'),
        keys.of('bus-digest', 'members'),
        keys.of('bus-patience', 'members'),
        keys.of('bus-changes', 'members'),
      ],
      [what, keys.publishing, LEASE, member, data, SILENCE, cursor, count, of, this.many],
    );
  }
}
