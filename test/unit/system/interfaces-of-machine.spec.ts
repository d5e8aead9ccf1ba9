import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { interfacesOfMachine } from '../../../src/system/interfaces-of-machine.js';

const fail = (): never => {
  throw new Error('uv_interface_addresses returned Unknown system error 24');
};

it('returns the last known interfaces if they cannot be listed', () => {
  const known = networkInterfaces();
  expect(interfacesOfMachine(() => known)).toBe(known);
  expect(interfacesOfMachine(fail)).toBe(known);
});
