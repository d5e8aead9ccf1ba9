import type { Sender } from './bus-member.interface.js';

/**
 * This member as JSON, as it stands on everything that it says: made once, and once more when a spare has
 * got its place.
 *
 * @internal
 */
export class OwnMemberInfo {
  #slot: number;
  #text: string;

  constructor(private readonly self: Sender) {
    this.#slot = self.slot;
    this.#text = JSON.stringify(self);
  }

  get member(): string {
    return this.self.member;
  }

  get text(): string {
    if (this.#slot !== this.self.slot) {
      this.#slot = this.self.slot;
      this.#text = JSON.stringify(this.self);
    }
    return this.#text;
  }
}
