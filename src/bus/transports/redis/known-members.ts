import { digestOf } from './member-text.js';
import type {
  MemberInfo,
  MemberList,
  UnknownMember,
} from '../../membership/bus-member.interface.js';
import type { MemberChange } from '../../membership/member-change.js';

/**
 * The members as they were listed last, with the changes that were announced since. It is valid as long as no change was
 * missed: with thousands of members, a whole list is megabytes long.
 *
 * @internal
 */
export class KnownMembers {
  #version = '';
  #checkpoint = '';
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

  /** The version of the list after which changes must be read; '' if the whole list must be read. */
  get checkpoint(): string {
    return this.#checkpoint;
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
   * Replaces members by those of a list.
   *
   * @param created when the list was created
   * @param news what was announced since the list had its version
   * @param changed the names of those that are replaced: all, or those that have changed since {@link checkpoint}
   */
  replace(
    version: string,
    created: string,
    { infos, strangers }: MemberList,
    news: readonly MemberChange[],
    changed: Iterable<string> = [...this.#infos.keys(), ...this.#strangers.keys()],
  ): void {
    this.#store({ left: [...changed] });
    infos.forEach(info => this.#infos.set(info.member, info));
    strangers.forEach(stranger => this.#strangers.set(stranger.member, stranger));
    this.#version = version;
    this.#checkpoint = version;
    this.#created = created;
    this.#isKept = false;
    news.forEach(change => this.#apply(change));
  }

  /** The server has lost its list. Its members are kept until it is read again, and changes are taken over. */
  keep(): void {
    this.#isKept = true;
    this.#checkpoint = '';
  }

  /** Takes over an announced change, which has the versions before and after it. */
  change(change: MemberChange): void {
    this.#news.forEach(changes => changes.push(change));
    this.#apply(change);
  }

  #apply(change: MemberChange): void {
    const [before, version] = versionsOf(change);
    if (!this.#isKept && this.#checkpoint !== '' && version <= Number(this.#checkpoint)) {
      // It is part of the list.
      return;
    }
    const isNext = this.#version !== '' && before === Number(this.#version);
    this.#store(change);
    this.#version = isNext ? String(version) : '';
    if (this.#isKept || Number.isNaN(before)) {
      this.#checkpoint = '';
    } else if (isNext) {
      this.#checkpoint = this.#version;
    }
  }

  #store(change: MemberChange): void {
    this.#digest = undefined;
    if ('left' in change) {
      for (const member of change.left) {
        this.#strangers.delete(member);
        this.#infos.delete(member);
      }
    } else {
      this.#strangers.delete(change.told.member);
      this.#infos.set(change.told.member, change.told);
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
