import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EnvironmentFiles } from '../../../../src/supervisor/node-cluster/environment-files.js';
import { launchPlace } from '../../../../src/supervisor/node-cluster/launch-place.js';

function inDirectory(use: (directory: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), 'nestjs-cluster-'));
  try {
    use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('EnvironmentFiles', () => {
  it('knows what came from files, and has not been changed since', () => {
    inDirectory(directory => {
      writeFileSync(join(directory, '.env'), 'ONE=1\nTWO=2\nTHREE=3\n');
      writeFileSync(join(directory, '.env.local'), 'ONE=10\n');
      writeFileSync(join(directory, 'named'), 'FOUR="4"\n');
      const env = { ONE: '10', TWO: '2', THREE: '3', FOUR: '4 expanded', FIVE: '5' };
      const launched = new Set(['TWO']);
      const options = ['--env-file', 'named'];
      const files = new EnvironmentFiles(launched, options, directory, env);
      env.THREE = 'changed';
      expect(Object.keys(files.omissions(env)).toSorted()).toEqual(['FOUR', 'ONE']);
    });
  });

  it('does without files, and without their directory', () => {
    const files = new EnvironmentFiles(new Set(), ['--env-file-if-exists=none'], '/no/such', {});
    expect(files.omissions({ ONE: '1' })).toEqual({});
  });
});

describe('launchPlace()', () => {
  it('is what the user named, with its links', () => {
    inDirectory(directory => {
      const link = `${directory}-link`;
      symlinkSync(directory, link);
      try {
        const real = { cwd: directory, script: join(directory, 'dist/main.js') };
        expect(launchPlace(real, link)).toEqual({ cwd: link, script: join(link, 'dist/main.js') });
        const elsewhere = { cwd: directory, script: '/opt/main.js' };
        expect(launchPlace(elsewhere, link)).toEqual({ cwd: link, script: '/opt/main.js' });
      } finally {
        rmSync(link);
      }
    });
  });

  it('is what the path of the script says, where nobody says where we are', () => {
    inDirectory(directory => {
      const link = `${directory}-link`;
      symlinkSync(directory, link);
      try {
        const place = { cwd: directory, script: join(link, 'dist/main.js') };
        expect(launchPlace(place, undefined)).toEqual({ cwd: link, script: place.script });
      } finally {
        rmSync(link);
      }
    });
  });

  it.each([undefined, '/', '/no/such'])('is not %s if that is not where we are', named => {
    inDirectory(directory => {
      const place = { cwd: directory, script: join(directory, 'main.js') };
      expect(launchPlace(place, named)).toEqual(place);
    });
  });
});
