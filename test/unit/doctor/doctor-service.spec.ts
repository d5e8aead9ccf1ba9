import { expect, it } from 'vitest';
import { DoctorService } from '../../../src/doctor/primary/doctor-service.js';
import type { ServiceClient } from '../../../src/ipc/primary-service.interface.js';

function unreported(service: DoctorService, params: readonly string[]): readonly string[] {
  let answered: readonly string[] = ['no answer'];
  service.onQuestion({} as ServiceClient<never>, {
    name: 'unreported',
    params,
    answer: keys => (answered = keys),
  });
  return answered;
}

it('has each finding reported by the first worker that has it', () => {
  const service = new DoctorService();
  expect(unreported(service, ['cache:', 'schedule:'])).toEqual(['cache:', 'schedule:']);
  expect(unreported(service, ['schedule:', 'cache:'])).toEqual([]);
  expect(unreported(service, ['cache:', 'graphql:', 'graphql:'])).toEqual(['graphql:']);
  expect(unreported(service, [])).toEqual([]);
});

it('remembers a limited number of findings', () => {
  const service = new DoctorService();
  const many = Array.from({ length: 2_000 }, (_, index) => `cache:${index}`);
  expect(unreported(service, many)).toHaveLength(1_000);
  expect(unreported(service, many)).toEqual([]);
});
