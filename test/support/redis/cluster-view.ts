import type { RedisServer } from './redis-server.js';

/** What a cluster node knows about one of the nodes, including itself; see CLUSTER NODES. */
export interface NodeView {
  readonly id: string;
  readonly port: number;
  readonly flags: readonly string[];
  /** For a replica, the id of its master. */
  readonly masterId: string;
  /** If two masters claim a slot, the higher epoch wins. */
  readonly epoch: number;
  readonly slots: readonly (readonly [first: number, last: number])[];
}

/** A node's view of the whole cluster. */
export async function viewOf(server: RedisServer): Promise<NodeView[]> {
  const lines = String(await server.command('CLUSTER', 'NODES'));
  return lines.trim().split('\n').map(parse);
}

/** A node's view of itself. */
export async function selfViewOf(server: RedisServer): Promise<NodeView> {
  const self = (await viewOf(server)).find(({ flags }) => flags.includes('myself'));
  if (!self) {
    throw new Error(`The node on port ${server.port} does not list itself.`);
  }
  return self;
}

export function hasSlot({ slots }: NodeView, slot: number): boolean {
  return slots.some(([first, last]) => first <= slot && slot <= last);
}

function parse(line: string): NodeView {
  const [id = '', address = '', flags = '', masterId = '', , , epoch, , ...slots] = line.split(' ');
  return {
    id,
    port: Number(/:(\d+)@/.exec(address)?.[1]),
    flags: flags.split(','),
    masterId,
    epoch: Number(epoch),
    // Slots that move from one node to another are in brackets, and are listed twice.
    slots: slots
      .filter(range => !range.startsWith('['))
      .map(range => range.split('-').map(Number))
      .map(([first = -1, last = first]) => [first, last]),
  };
}
