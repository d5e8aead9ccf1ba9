import type { Sender } from './bus-member.interface.js';

/**
 * This member as JSON, which is part of each message that it sends. It is created once, and again when a spare gets a
 * slot.
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
