import { beforeEach, describe, expect, it } from 'vitest';
import type { Packet } from '../../../src/ipc/envelope.js';
import { EnvelopeWriter } from '../../../src/ipc/envelope-writer.js';
import { settle } from '../../support/fakes/fake-clock.js';

/** A channel that writes when the test says so. */
class SlowLink {
  connected = true;
  readonly sent: unknown[] = [];
  readonly #writes: (() => void)[] = [];

  send(message: object, written: (error: Error | null) => void): boolean {
    this.sent.push(JSON.parse(JSON.stringify(message)));
    this.#writes.push(() => written(null));
    return true;
  }

  write(): void {
    this.#writes.shift()!();
  }
}

const packet = (message: unknown): Packet => ({ message });
const envelope = (...messages: unknown[]): object => ({ 'nestjs-cluster': messages.map(packet) });

let link: SlowLink;
let refused: string[];
let writer: EnvelopeWriter;

beforeEach(() => {
  link = new SlowLink();
  refused = [];
  writer = new EnvelopeWriter(link, (_, error) => {
    refused.push(String(error));
    return Promise.resolve();
  });
});

describe('EnvelopeWriter', () => {
  it('writes the packets of one turn in one envelope, and resolves when Node has written it', async () => {
    const settled: string[] = [];
    const sending = ['a', 'b'].map(name =>
      writer.send(packet(name)).then(() => settled.push(name)),
    );
    expect(link.sent).toEqual([]);
    await settle();
    expect(link.sent).toEqual([envelope('a', 'b')]);
    expect(settled).toEqual([]);
    link.write();
    await Promise.all(sending);
    expect(settled).toEqual(['a', 'b']);
    void writer.send(packet('c'));
    await settle();
    expect(link.sent).toEqual([envelope('a', 'b'), envelope('c')]);
  });

  it('writes a packet at once, with those before, and later ones in the next envelope', async () => {
    void writer.send(packet('a'));
    writer.sendNow(packet('b'));
    void writer.send(packet('c'));
    expect(link.sent).toEqual([envelope('a', 'b')]);
    await settle();
    expect(link.sent).toEqual([envelope('a', 'b'), envelope('c')]);
  });

  it('is behind from the moment an envelope is passed to Node until that has written it', async () => {
    const sent = writer.send(packet('a'));
    expect(writer.isBehind).toBe(false);
    await settle();
    expect(writer.isBehind).toBe(true);
    link.write();
    await sent;
    expect(writer.isBehind).toBe(false);
  });

  it('writes nothing to a closed channel, and leaves no sender waiting', async () => {
    const sent = writer.send(packet('a'));
    link.connected = false;
    await sent;
    await writer.send(packet('b'));
    expect([link.sent, writer.isBehind, refused]).toEqual([[], false, []]);
  });

  it('leaves no sender waiting in a process without a channel', async () => {
    const alone = new EnvelopeWriter({ connected: true }, () => Promise.resolve());
    await alone.send(packet('a'));
    expect(alone.isBehind).toBe(false);
  });

  it('writes each packet alone if one of them cannot be serialized, and reports that one', async () => {
    const sending = [1, 2n, 3].map(message => writer.send(packet(message)));
    await settle();
    expect(link.sent).toEqual([envelope(1), envelope(3)]);
    expect(refused).toEqual([expect.stringContaining('BigInt')]);
    link.write();
    link.write();
    await Promise.all(sending);
    expect(writer.isBehind).toBe(false);
  });

  it('resolves for a packet that cannot be serialized when its report has been handled', async () => {
    let handled!: () => void;
    const isHandled = new Promise<void>(resolve => (handled = resolve));
    const reporting = new EnvelopeWriter(link, () => isHandled);
    let isSettled = false;
    const sent = reporting.send(packet(1n)).then(() => (isSettled = true));
    await settle();
    expect(isSettled).toBe(false);
    handled();
    await sent;
    expect(reporting.isBehind).toBe(false);
  });
});
