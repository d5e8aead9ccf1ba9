import { describe, expect, it } from 'vitest';
import { complaintAbout } from '../../../../../../src/cli/verify/load/clients/upload-client.js';

describe('the answer to an upload', () => {
  it('is held to the number of bytes, if it says one', () => {
    expect(complaintAbout('{"bytes":65536}', 65_536)).toBeUndefined();
    expect(complaintAbout('{"bytes":65535}', 65_536)).toBe('65535 of 65536 bytes received');
  });

  it.each(['', 'ok', '{}', 'null', '[]', '17', '{"bytes":"65536"}'])(
    'may say anything else: %j',
    answer => expect(complaintAbout(answer, 65_536)).toBeUndefined(),
  );
});
