import { expect, it } from 'vitest';
import { Application } from '../support/application.js';
import { RemoteBus } from '../support/remote-bus.js';
import { MEMORY } from './backends.js';
import { describeTheBusOn } from './bus/describe-the-bus-on.js';

describeTheBusOn(MEMORY);

// These examples need only one worker, and do not depend on the transport.
it.each(['0', '1'])(
  'an answer that never comes is waited for, and then left: the host stops in good order (%s workers)',
  async workers => {
    const { app, members } = await RemoteBus.ready({
      env: { CLUSTER_WORKERS: workers, CLUSTER_SHUTDOWN_TIMEOUT: '3000' },
    });
    await members[0]!.answer('how', 'silent');
    const { missing } = await members[0]!.ask('how', 1, { timeout: 50 });
    expect(missing).toMatchObject([{ reason: 'timeout' }]);
    app.signal('SIGTERM');
    const { code } = await app.exited;
    await Application.endAll();
    expect({ code, unhandled: app.noted('unhandled') }).toEqual({ code: 0, unhandled: [] });
  },
);
