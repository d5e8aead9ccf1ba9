/**
 * What applies a new value of an option: a reload, if workers read the option, or a restart of the host, if the primary does.
 * The key is the full name of an option, or of a group whose options have the same value.
 */
const CHANGES: Readonly<Record<string, string>> = {
  workers: 'restart',
  contexts: 'restart',
  scheduling: 'restart',
  spare: 'restart',
  lightPrimary: 'restart',
  boot: 'restart',
  restart: 'restart',
  reload: 'restart',
  // The primary passes its interval to the workers.
  heartbeat: 'restart',
  recycle: 'restart',
  'overload.maxDelay': 'reload',
  'shutdown.timeout': 'restart',
  'shutdown.readinessDelay': 'restart',
  'shutdown.webSocketWindow': 'reload',
  // Workers read them, and during a reload old and new workers would have different states.
  redis: 'restart',
  namespace: 'restart',
  release: 'reload',
  'state.timeout': 'reload',
  'state.replicas': 'reload',
  'state.maxValueBytes': 'reload',
  'state.maxMemory': 'restart',
  'bus.timeout': 'reload',
  'bus.askTimeout': 'reload',
  'bus.maxPayloadBytes': 'reload',
  'bus.maxQueueBytes': 'reload; in the primary: restart',
  logger: 'restart',
  doctor: 'reload',
  control: 'restart',
  events: 'restart',
};

/** Returns what applies a new value of an option; `undefined` if it is not known. */
export function appliedBy(path: string): string | undefined {
  const [group = ''] = path.split('.');
  return CHANGES[path] ?? CHANGES[group];
}
