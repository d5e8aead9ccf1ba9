import { expect, it } from 'vitest';
import { ForwardingLog } from '../../../src/socket.io/forwarding-log.js';

function logged(slot: number) {
  const lines: string[] = [];
  let now = 0;
  const note = (line: string): void => void lines.push(line);
  const log = new ForwardingLog(
    { log: note, warn: note },
    () => slot,
    () => now,
  );
  return {
    lines,
    log,
    place: (given: number) => (slot = given),
    pass: (time: number) => (now += time),
  };
}

const ANY = { address: '::', family: 'IPv6', port: 3000 };
const PLACE = { host: '10.0.0.1', port: 3000, secure: true };

it('the first worker logs where other hosts reach this one', () => {
  const [first, second] = [logged(0), logged(1)];
  for (const { log } of [first, second]) {
    log.announced(PLACE);
    log.notAnnounced({ listening: { address: '127.0.0.1', family: 'IPv4', port: 3000 } });
    log.notAnnounced({ listening: '/a.sock' });
    log.notAnnounced({ listening: ANY, addresses: [] });
    log.notAnnounced({ listening: ANY, addresses: ['10.0.0.1', '172.17.0.1'] });
  }
  expect(first.lines).toEqual([
    expect.stringContaining('at https://10.0.0.1:3000'),
    expect.stringContaining('listens on 127.0.0.1.'),
    expect.stringContaining('listens on /a.sock.'),
    expect.stringContaining('listens on ::, and the machine has the IPv4 addresses []. Set'),
    expect.stringContaining('IPv4 addresses [10.0.0.1, 172.17.0.1]. Set'),
  ]);
  expect(second.lines).toEqual([]);
});

it('a spare logs it if it has become the first worker', () => {
  const { lines, log, place } = logged(-1);
  log.announced(PLACE);
  place(0);
  log.announced(PLACE);
  expect(lines).toHaveLength(1);
});

it('a host that cannot be reached is logged once a minute', () => {
  const { lines, log, pass } = logged(1);
  const error = new Error('self-signed certificate');
  log.unreachable(PLACE, error);
  log.unreachable(PLACE, error);
  expect(lines).toEqual([expect.stringContaining('https://10.0.0.1:3000')]);
  expect(lines[0]).toContain('self-signed certificate');
  log.unreachable({ ...PLACE, host: '10.0.0.2' }, error);
  log.expired();
  log.expired();
  expect(lines).toHaveLength(3);
  pass(60_000);
  log.unreachable(PLACE, error);
  expect(lines).toHaveLength(4);
});
