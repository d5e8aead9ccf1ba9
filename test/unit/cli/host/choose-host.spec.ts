import { expect, it } from 'vitest';
import { matchingHosts } from '../../../../src/cli/host/choose-host.js';

const host = (pid: number, name: string, directory: string, application = directory) => ({
  protocol: 1,
  version: '1',
  name,
  pid,
  directories: [directory],
  applications: [application],
});

const shop = host(1, 'shop', '/srv/shop');
const linked = {
  ...host(2, 'blog', '/srv/blog/releases/7'),
  directories: ['/srv/blog/releases/7', '/srv/blog/current'],
};
/** systemd starts services in the root directory. */
const service = host(3, 'mail', '/', '/opt/mail');
const workspace = host(4, 'api', '/repo', '/repo/packages/api');
const second = host(5, 'shop', '/srv/shop');
const all = [shop, linked, service, workspace];

const pids = (hosts: readonly { readonly pid: number }[]): number[] => hosts.map(({ pid }) => pid);

it.each([
  ['/srv/shop', [1]],
  ['/srv/shop/src/orders', [1]],
  ['/srv/shopping', []],
  ['/srv/blog/current', [2]],
  ['/opt/mail/dist', [3]],
  ['/', [3]],
  ['/home/me', []],
  ['/repo', [4]],
  ['/repo/packages/api', [4]],
  ['/repo/packages/web', []],
])('in %s, it is the host of that directory: %j', (place, expected) => {
  expect(pids(matchingHosts(all, {}, [place]))).toEqual(expected);
});

it('is the host with the name or the process id, wherever one is', () => {
  expect(pids(matchingHosts(all, { name: 'mail' }, ['/srv/shop']))).toEqual([3]);
  expect(pids(matchingHosts(all, { pid: 2 }, ['/srv/shop']))).toEqual([2]);
  expect(pids(matchingHosts(all, { pid: 2, name: 'shop' }, ['/srv/shop']))).toEqual([]);
  expect(pids(matchingHosts([...all, second], { name: 'shop' }, []))).toEqual([1, 5]);
  expect(pids(matchingHosts([...all, second], {}, ['/x', '/srv/shop']))).toEqual([1, 5]);
});
