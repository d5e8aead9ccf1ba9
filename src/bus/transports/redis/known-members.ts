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
  /** The version of the list; '' if it must be read. */
  #version = '';
  #infos = new Map<string, MemberInfo>();
  #strangers = new Map<string, UnknownMember>();
  /** The changes since lists have begun to be read. */
  readonly #news = new Set<MemberChange[]>();

  /** The version, and the number of members that it stands for. */
  get state(): readonly [version: string, count: number] {
    return [this.#version, this.#infos.size + this.#strangers.size];
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
   * @param news what was announced since the list had its version
   */
  replace(version: string, { infos, strangers }: MemberList, news: readonly MemberChange[]): void {
    this.#version = version;
    this.#infos = new Map(infos.map(info => [info.member, info]));
    this.#strangers = new Map(strangers.map(stranger => [stranger.member, stranger]));
    news.forEach(change => this.#apply(change));
  }

  /** Takes over an announced change, which has the versions before and after it. */
  change(change: MemberChange): void {
    this.#news.forEach(changes => changes.push(change));
    this.#apply(change);
  }

  #apply(change: MemberChange): void {
    const [before, version] = versionsOf(change);
    if (this.#version === '' || version <= Number(this.#version)) {
      // It is part of the list.
      return;
    }
    if (before !== Number(this.#version)) {
      this.forget();
      return;
    }
    const member = 'left' in change ? change.left : change.told.member;
    this.#strangers.delete(member);
    if ('left' in change) {
      this.#infos.delete(member);
    } else {
      this.#infos.set(member, change.told);
    }
    this.#version = String(version);
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
