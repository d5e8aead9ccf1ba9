import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { WorkerExitedEvent } from '../../../src/model/events/cluster-event.interface.js';
import type { PortAddress } from '../../../src/ipc/supervision.protocol.js';
import { canListen, PortClaims } from '../../../src/supervisor/port-claims.js';
import { FakeWorkerHandle } from '../../support/fakes/fake-worker-handle.js';

const EXIT = { type: 'workerExited' } as WorkerExitedEvent;

function address(port: number): PortAddress {
  return { address: '127.0.0.1', port, ipv6Only: false };
}

/** Claims whose checks a test settles. */
function observedClaims(): [PortClaims, ((isFree: boolean) => void)[]] {
  const checks: ((isFree: boolean) => void)[] = [];
  return [new PortClaims(() => new Promise(resolve => checks.push(resolve))), checks];
}

const turn = (): Promise<void> => new Promise(resolve => void setImmediate(resolve));

describe('PortClaims', () => {
  it('checks once, before the first worker listens', async () => {
    const [claims, checks] = observedClaims();
    const first = claims.claim(new FakeWorkerHandle(0).handle, address(3000));
    const second = claims.claim(new FakeWorkerHandle(1).handle, address(3000));
    await turn();
    checks.forEach(settle => settle(true));
    expect(await Promise.all([first, second])).toEqual([true, true]);
    expect(await claims.claim(new FakeWorkerHandle(0).handle, address(3000))).toBe(true);
    expect(checks).toHaveLength(1);
  });

  it('checks each port', async () => {
    const taken = 3001;
    const claims = new PortClaims(async ({ port }) => port !== taken);
    const worker = new FakeWorkerHandle(0);
    expect(await claims.claim(worker.handle, address(3000))).toBe(true);
    expect(await claims.claim(worker.handle, address(taken))).toBe(false);
  });

  it('checks again after a refusal, and when all workers have exited', async () => {
    let checks = 0;
    let isFree = false;
    const claims = new PortClaims(async () => {
      checks++;
      return isFree;
    });
    const worker = new FakeWorkerHandle(0);
    expect(await claims.claim(worker.handle, address(3000))).toBe(false);
    isFree = true;
    expect(await claims.claim(worker.handle, address(3000))).toBe(true);
    isFree = false;
    worker.exit = EXIT;
    expect(await claims.claim(new FakeWorkerHandle(1).handle, address(3000))).toBe(false);
    expect(checks).toBe(3);
  });

  it('does not check a port twice at a time, although the worker exits meanwhile', async () => {
    const [claims, checks] = observedClaims();
    const worker = new FakeWorkerHandle(0);
    const first = claims.claim(worker.handle, address(3000));
    await turn();
    worker.exit = EXIT;
    const second = claims.claim(new FakeWorkerHandle(1).handle, address(3000));
    await turn();
    expect(checks).toHaveLength(1);
    checks[0]?.(true);
    await turn();
    checks[1]?.(true);
    expect(await Promise.all([first, second])).toEqual([true, true]);
  });
});

describe('canListen()', () => {
  it('is false while another process listens on the address, and leaves no server', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await canListen(address(port))).toBe(false);
    server.close();
    await once(server, 'close');
    expect(await canListen(address(port))).toBe(true);
    expect(await canListen(address(port))).toBe(true);
  });

  it('leaves other errors to the server that listens afterwards', async () => {
    // TEST-NET-1, https://datatracker.ietf.org/doc/html/rfc5737
    expect(await canListen({ address: '192.0.2.1', port: 3000, ipv6Only: false })).toBe(true);
  });
});
