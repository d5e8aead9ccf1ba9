import { expect, it } from 'vitest';
import {
  receive,
  type SupervisionReceivers,
} from '../../../../../src/supervisor/workers/handle/supervision-receivers.js';

it.each([
  ['ready', 'supervision'],
  ['publish', 'services'],
  ['toString', 'services'],
  ['__proto__', 'services'],
])('a message of type %s goes to the receivers of: %s', (type, expected) => {
  const received: string[] = [];
  const receivers = { ready: () => received.push('supervision') };
  receive({ type }, receivers as unknown as SupervisionReceivers, () => received.push('services'));
  expect(received).toEqual([expected]);
});
