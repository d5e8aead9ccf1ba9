import { printableMessage } from '../system/text/printable.js';

/** The log lines about systemd. @internal */
export const systemdMessages = {
  notNotified: (why: string) =>
    `The service manager could not be notified, although NOTIFY_SOCKET is set: ${printableMessage(why)}. ` +
    'Without notifications, a service of Type=notify never becomes active. Further failures are not logged',
};
