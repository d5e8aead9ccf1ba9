import { afterEach, expect, it } from 'vitest';
import { HostDirectory } from '../../../../src/session-forwarding/hosts/host-directory.js';
import { FakeHostState } from '../../../support/socket-io/fake-host-state.js';

const PLACE = { host: '192.0.2.1', port: 3000, secure: false };

const opened: HostDirectory[] = [];

afterEach(() => Promise.all(opened.splice(0).map(directory => directory.close())));

function directoryIn(state: FakeHostState): HostDirectory {
  const directory = new HostDirectory(state);
  opened.push(directory);
  return directory;
}

it('hosts find each other, and share one secret', async () => {
  const state = new FakeHostState();
  const [one, other] = [directoryIn(state), directoryIn(state)];
  await Promise.all([one.refresh(), other.refresh()]);
  expect(one.secret).toMatch(/^[0-9a-f]{64}$/);
  expect(other.secret).toBe(one.secret);
  expect(await other.find('a', '0/socket.io')).toBeUndefined();
  await one.add('a', new Map([['0/socket.io', PLACE]]));
  expect(await other.find('a', '0/socket.io')).toEqual(PLACE);
  expect(await other.find('a', '0/other')).toBeUndefined();
});

it('a known host needs no read, and many unknown ones share one', async () => {
  const state = new FakeHostState();
  const [one, other] = [directoryIn(state), directoryIn(state)];
  await one.add('a', new Map([['s', PLACE]]));
  await other.find('a', 's');
  await other.find('a', 's');
  expect(state.reads).toBe(1);
  await Promise.all(Array.from({ length: 100 }, (_, index) => other.find(`${index}`, 's')));
  expect(state.reads).toBe(2);
});

it('a host that was not reached is known again only if it is still announced', async () => {
  const state = new FakeHostState();
  const [one, other] = [directoryIn(state), directoryIn(state)];
  await one.add('a', new Map([['s', PLACE]]));
  expect(await other.find('a', 's')).toEqual(PLACE);
  other.forget('a', 's');
  expect(await other.find('a', 's')).toEqual(PLACE);
  state.fields.clear();
  other.forget('a', 's');
  expect(await other.find('a', 's')).toBeUndefined();
});

it('a host that stops withdraws its own servers', async () => {
  const state = new FakeHostState();
  const [one, other] = [directoryIn(state), directoryIn(state)];
  await one.add(
    'a',
    new Map([
      ['s', PLACE],
      ['t', PLACE],
    ]),
  );
  await other.add('b', new Map([['s', PLACE]]));
  await other.close();
  await one.close(true);
  expect([...state.fields.keys()]).toEqual(['b s']);
  state.isDown = true;
  await one.close(true);
});

it('a record that is none is ignored', async () => {
  const state = new FakeHostState();
  state.fields.set('a s', { ...PLACE, host: '' });
  state.fields.set('b s', { ...PLACE, port: 0 });
  state.fields.set('c s', 'x');
  const directory = directoryIn(state);
  const found = await Promise.all(['a', 'b', 'c'].map(host => directory.find(host, 's')));
  expect(found).toEqual([undefined, undefined, undefined]);
});

it('a secret that Redis has lost is stored again', async () => {
  const state = new FakeHostState();
  const [one, other] = [directoryIn(state), directoryIn(state)];
  await one.refresh();
  const { secret } = one;
  state.values.clear();
  await one.refresh();
  await other.refresh();
  expect([one.secret, other.secret]).toEqual([secret, secret]);
});

it('without Redis, nothing is known and nothing rejects', async () => {
  const state = new FakeHostState();
  const directory = directoryIn(state);
  state.isDown = true;
  await directory.add('a', new Map([['s', PLACE]]));
  expect(directory.secret).toBeUndefined();
  expect(await directory.find('a', 's')).toBeUndefined();
  state.isDown = false;
  await directory.refresh();
  expect(directory.secret).toBeDefined();
  expect(await directory.find('a', 's')).toEqual(PLACE);
});
