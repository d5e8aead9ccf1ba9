import type { BusTransport } from './bus-transport.interface.js';

/**
 * The place of one subscriber in a group that shares what is kept: a member of the bus may have several,
 * and tells the others which.
 *
 * @internal
 */
export class GroupSeat {
  static #count = 0;

  /** No other seat has it. */
  readonly name: string;

  constructor(
    readonly group: string,
    member: string,
    private readonly transport: BusTransport,
  ) {
    this.name = `${member}#${++GroupSeat.#count}`;
  }

  /** Those of the seats that nobody has any more. */
  async findDead(names: readonly string[]): Promise<string[]> {
    if (names.length === 0) {
      return [];
    }
    const taken = new Set((await this.transport.members()).flatMap(({ seats }) => seats));
    return names.filter(name => !taken.has(name));
  }
}
