import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { closeBrowsers, openBrowser } from '../support/browser.js';
import { CHROMIUM } from '../support/chromium/chromium-program.mjs';
import { provideChromium } from '../support/chromium/provide-chromium.mjs';
import { eventually } from '../support/eventually.js';
import { chooseInstaller } from '../support/packages/installer.mjs';
import type { PackageMachine } from '../support/packages/provide-program.mjs';
import { childrenOf } from '../support/processes.js';

describe('the browser of the tests', () => {
  afterEach(closeBrowsers);

  it('shows pages, and leaves no process behind', async () => {
    const others = await childrenOf(process.pid);
    const browser = await openBrowser();
    const page = await browser.newPage();
    await page.setContent('<h1>Hello</h1>');
    expect(await page.textContent('h1')).toBe('Hello');
    // The browser leads a process group that includes its children.
    const children = (await childrenOf(process.pid)).filter(pid => !others.includes(pid));
    const groups = await Promise.all(children.map(groupOf));
    const place = groups.findIndex(group => group.length > 1);
    expect(place).toBeGreaterThanOrEqual(0);
    const leader = children[place]!;

    await closeBrowsers();
    let left: string[] = [];
    await eventually(
      async () => (left = await groupOf(leader)).length === 0,
      10_000,
      () => `Left: ${left.join('\n')}`,
    );
  });
});

describe('where the tests get their browser from', () => {
  it('the environment comes first', () => {
    const { machine } = fakeMachine({ find: name => name });
    expect(provideChromium('/opt/chrome', machine)).toBe('/opt/chrome');
  });

  it('a path without a browser is an error, and no other place is searched', () => {
    const { machine } = fakeMachine({ find: name => (name === 'chromium' ? name : undefined) });
    expect(() => provideChromium('/opt/chrome', machine)).toThrow(
      'TEST_CHROMIUM names /opt/chrome, but there is no such program.',
    );
  });

  it('then the PATH: Chromium, else Chrome', () => {
    const both = fakeMachine({ find: name => `/usr/bin/${name}` });
    expect(provideChromium('', both.machine)).toBe('/usr/bin/chromium');
    const chrome = fakeMachine({
      find: name => (name === 'google-chrome' ? `/usr/bin/${name}` : undefined),
    });
    expect(provideChromium('', chrome.machine)).toBe('/usr/bin/google-chrome');
  });

  it('then an installation, announced before it begins', () => {
    let path: string | undefined;
    const { machine, said } = fakeMachine({
      find: name => (name === 'chromium' ? path : undefined),
      installer: () => ({
        command: 'get chromium',
        install: () => {
          expect(said).toEqual([expect.stringMatching(/a Chromium browser.*get chromium$/)]);
          path = '/usr/bin/chromium';
        },
      }),
    });
    expect(provideChromium('', machine)).toBe('/usr/bin/chromium');
  });

  it('where nothing helps, the error says what to do', () => {
    const { machine } = fakeMachine();
    expect(() => provideChromium('', machine)).toThrow(
      /a Chromium browser and found none[^]*TEST_CHROMIUM=[^]*sudo apt-get install chromium[^]*brew install/,
    );
  });

  it.each([
    {
      platform: 'linux',
      ran: [/apt-get .* update$/, /apt-get .* install -y .*recommends chromium$/],
    },
    { platform: 'darwin', ran: [/^brew install --cask google-chrome$/] },
  ] as const)('it is installed on $platform', ({ platform, ran }) => {
    const commands: string[] = [];
    chooseInstaller(CHROMIUM, {
      platform,
      isRoot: true,
      has: () => true,
      run: command => commands.push(command.join(' ')),
    })?.install();
    expect(commands).toEqual(ran.map(pattern => expect.stringMatching(pattern)));
  });
});

/** A fake machine with nothing installed, and the messages that it printed. */
function fakeMachine(traits: Partial<PackageMachine> = {}) {
  const said: string[] = [];
  const machine: PackageMachine = {
    find: () => undefined,
    installer: () => undefined,
    say: text => said.push(text),
    ...traits,
  };
  return { machine, said };
}

/** The processes of a process group, with their command lines. */
async function groupOf(leader: number): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pgid=,pid=,args=']);
  return stdout.split('\n').filter(line => Number.parseInt(line, 10) === leader);
}
