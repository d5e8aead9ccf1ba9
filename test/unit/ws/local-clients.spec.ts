import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { LocalClients } from '../../../src/ws/local-clients.js';

class FakeClient extends EventEmitter {
  readonly sent: string[] = [];
  readyState = 1;

  send(message: string): void {
    this.sent.push(message);
  }
}

function clientsOf(count: number): { clients: LocalClients; all: FakeClient[] } {
  const clients = new LocalClients();
  const all = Array.from({ length: count }, () => new FakeClient());
  all.forEach(client => clients.add(client));
  return { clients, all };
}

describe('LocalClients', () => {
  it('sends a message once to each client in any of the rooms', () => {
    const { clients, all } = clientsOf(3);
    const [a, b] = all;
    clients.join(a!, ['x', 'y']);
    clients.join(b!, ['y']);
    clients.send('m', ['x', 'y', 'z']);
    expect(all.map(({ sent }) => sent)).toEqual([['m'], ['m'], []]);
    clients.leave(a!, ['x', 'y']);
    clients.send('n', ['y']);
    clients.send('all');
    expect(all.map(({ sent }) => sent)).toEqual([['m', 'all'], ['m', 'n', 'all'], ['all']]);
  });

  it('forgets a client that has disconnected, and sends nothing to one that is closing', () => {
    const { clients, all } = clientsOf(2);
    const [a, b] = all as [FakeClient, FakeClient];
    clients.join(a, ['x']);
    a.emit('close');
    clients.join(a, ['x']);
    b.readyState = 2;
    clients.send('m');
    expect(clients.in(['x'])).toEqual([]);
    expect(clients.in()).toHaveLength(1);
    expect([a.sent, b.sent]).toEqual([[], []]);
  });

  it('adds a client once, although several gateways report it', () => {
    const { clients, all } = clientsOf(1);
    clients.add(all[0]!);
    expect(all[0]!.listenerCount('close')).toBe(1);
    clients.send('m');
    expect(all[0]!.sent).toEqual(['m']);
  });
});
