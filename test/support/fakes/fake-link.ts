import { EventEmitter } from 'node:events';
import type { IpcLink } from '../../../src/ipc/ipc-link.interface.js';

/** One end of an in-memory channel between two processes. Messages are serialized as JSON. */
export class FakeLink extends EventEmitter implements IpcLink {
  connected = true;
  readonly sent: object[] = [];
  peer: FakeLink | undefined;

  static pair(): [FakeLink, FakeLink] {
    const [one, other] = [new FakeLink(), new FakeLink()];
    one.peer = other;
    other.peer = one;
    return [one, other];
  }

  send(message: object, written: (error: Error | null) => void): boolean {
    if (!this.connected) {
      throw new Error('sent on a closed channel');
    }
    this.sent.push(message);
    const copy: unknown = JSON.parse(JSON.stringify(message));
    setImmediate(() => {
      this.peer?.emit('message', copy);
      written(null);
    });
    return true;
  }

  close(): void {
    for (const end of [this, this.peer]) {
      if (end?.connected) {
        end.connected = false;
        end.emit('disconnect');
      }
    }
  }
}
