import { digestOf } from './member-text.js';
import type {
  MemberChange,
  MemberInfo,
  MemberList,
  UnknownMember,
} from '../../membership/bus-member.interface.js';

/**
 * The members as they were listed last, with the changes that were announced since. It is valid as long as no change was
 * missed: with thousands of members, a whole list is megabytes long.
 *
 * @internal
 */
export class KnownMembers {
  #version = '';
  #created = '';
  #isKept = false;
  #digest: string | undefined;
  #infos = new Map<string, MemberInfo>();
  #strangers = new Map<string, UnknownMember>();
  /** The changes since lists have begun to be read. */
  readonly #news = new Set<MemberChange[]>();

  /** The version of the list; '' if it must be read. */
  get version(): string {
    return this.#version;
  }

  /** When the list was created on the server; '' if it was never read. */
  get created(): string {
    return this.#created;
  }

  /** The number of members. */
  get count(): number {
    return this.#infos.size + this.#strangers.size;
  }

  /** The digest of their data while the server may have lost it; otherwise '', as if one of them cannot be read. */
  get digest(): string {
    if (!this.#isKept || this.#strangers.size > 0) {
      return '';
    }
    this.#digest ??= digestOf(this.#infos.values());
    return this.#digest;
  }

  get list(): MemberList {
    return { infos: [...this.#infos.values()], strangers: [...this.#strangers.values()] };
  }

  /** Collects the changes that are announced while a list is being read, until its end. */
  news(): { readonly changes: readonly MemberChange[]; end(): void } {
    const changes: MemberChange[] = [];
    this.#news.add(changes);
    return { changes, end: () => void this.#news.delete(changes) };
  }

  /**
   * Replaces all members by those of a list.
   *
   * @param created when the list was created
   * @param news what was announced since the list had its version
   */
  replace(
    version: string,
    created: string,
    { infos, strangers }: MemberList,
    news: readonly MemberChange[],
  ): void {
    this.#infos = new Map(infos.map(info => [info.member, info]));
    this.#strangers = new Map(strangers.map(stranger => [stranger.member, stranger]));
    this.confirm(version, created, news);
  }

  /** The server has lost its list. Its members are kept until it is read again, and changes are taken over. */
  keep(): void {
    this.#isKept = true;
  }

  /** These are the members of the list with this version. Otherwise like {@link replace}. */
  confirm(version: string, created: string, news: readonly MemberChange[]): void {
    this.#version = version;
    this.#created = created;
    this.#isKept = false;
    this.#digest = undefined;
    news.forEach(change => this.#apply(change));
  }

  /** Takes over an announced change, which has the versions before and after it. */
  change(change: MemberChange): void {
    this.#news.forEach(changes => changes.push(change));
    this.#apply(change);
  }

  #apply(change: MemberChange): void {
    const [before, version] = versionsOf(change);
    const known = Number(this.#version);
    if (!this.#isKept && this.#version !== '' && version <= known) {
      // It is part of the list.
      return;
    }
    this.#store(change);
    this.#version = this.#version !== '' && before === known ? String(version) : '';
  }

  #store(change: MemberChange): void {
    this.#digest = undefined;
    const member = 'left' in change ? change.left : change.told.member;
    this.#strangers.delete(member);
    if ('left' in change) {
      this.#infos.delete(member);
    } else {
      this.#infos.set(member, change.told);
    }
  }

  /** The list must be read: a change was missed, or could not be read. */
  forget(): void {
    this.#version = '';
  }
}

/** Members of earlier versions do not tell the versions: such a change counts as a missed one. */
function versionsOf(change: object): readonly [before: number, version: number] {
  const { before, version } = change as Readonly<Record<string, unknown>>;
  return typeof before === 'number' && typeof version === 'number'
    ? [before, version]
    : [Number.NaN, Infinity];
}
