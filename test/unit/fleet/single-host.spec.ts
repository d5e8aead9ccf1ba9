import { afterAll, beforeAll, expect, it } from 'vitest';
import { Test, type TestingModule } from '@nestjs/testing';
import { ClusterModule, ClusterService } from '../../../src/index.js';
import { PACKAGE_VERSION } from '../../../src/system/own-package.js';

let app: TestingModule;

beforeAll(async () => {
  app = await Test.createTestingModule({
    imports: [ClusterModule.forRoot({ namespace: 'shop', release: '7.1.0' })],
  }).compile();
  await app.init();
});

afterAll(() => app.close());

it('is the only host of the fleet without Redis', async () => {
  const { namespace, hosts, unknown } = await app.get(ClusterService).fleet();
  expect({ namespace, unknown }).toEqual({ namespace: 'shop', unknown: [] });
  expect(hosts).toMatchObject([
    {
      pid: process.pid,
      isSelf: true,
      mode: 'single',
      version: PACKAGE_VERSION,
      release: '7.1.0',
      wanted: 1,
    },
  ]);
});
