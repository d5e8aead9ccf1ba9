import { isRecord } from '../system/is-record.js';
import { MAX_WORKERS } from '../model/max-workers.js';
import { describeMismatch } from '../validation/shape/describe-mismatch.js';
import { boolean, integer, text } from '../validation/shape/scalars.js';
import { object, optional } from '../validation/shape/structures.js';
import type { Shape } from '../validation/shape/shape.js';
import type { ControlRequestName, ControlRequests } from './control-messages.js';
import { MAX_INSPECT_MINUTES, MAX_PROFILE_SECONDS } from './inspection.js';
import { slot, workerChoice } from './worker-choice.shapes.js';

/** A line from a client. @internal */
export type ParsedRequest =
  | {
      readonly type: 'request';
      readonly id: number;
      readonly name: ControlRequestName;
      /** Of the shape that {@link ControlRequests} has for the name. */
      readonly params: object;
    }
  | { readonly type: 'unknown'; readonly id: number; readonly name: string }
  | { readonly type: 'invalid'; readonly id: number; readonly why: string }
  | { readonly type: 'malformed' };

const none: Shape<object> = object<object>({});

const file = text({ minLength: 1, maxLength: 4_096 });

const SHAPES: { readonly [Name in ControlRequestName]: Shape<ControlRequests[Name]> } = {
  status: none,
  reload: none,
  scale: object<ControlRequests['scale']>({
    workers: optional(integer({ min: 1, max: MAX_WORKERS })),
    by: optional(integer({ min: -MAX_WORKERS, max: MAX_WORKERS })),
  }),
  restart: object<ControlRequests['restart']>({ slot }),
  stop: none,
  events: none,
  logs: object<ControlRequests['logs']>({
    slot: optional(slot),
    follow: optional(boolean),
  }),
  jobs: none,
  doctor: none,
  metrics: none,
  trace: object<ControlRequests['trace']>(workerChoice),
  cpu: object<ControlRequests['cpu']>({
    ...workerChoice,
    file,
    seconds: optional(integer({ min: 1, max: MAX_PROFILE_SECONDS })),
  }),
  heap: object<ControlRequests['heap']>({ slot, file }),
  inspect: object<ControlRequests['inspect']>({
    slot,
    minutes: optional(integer({ min: 1, max: MAX_INSPECT_MINUTES })),
  }),
  fleet: none,
  reloadAll: object<ControlRequests['reloadAll']>({
    maxUnavailable: optional(integer({ min: 1, max: 10_000 })),
  }),
};

/** The names of all requests. @internal */
export const CONTROL_REQUESTS = Object.keys(SHAPES) as readonly ControlRequestName[];

/** Parses one line of a client. @internal */
export function parseRequest(line: string): ParsedRequest {
  const message = parse(line);
  const { id, request: name } = message ?? {};
  if (!message || typeof name !== 'string' || !isId(id)) {
    return { type: 'malformed' };
  }
  if (!Object.hasOwn(SHAPES, name)) {
    return { type: 'unknown', id, name };
  }
  const found = SHAPES[name as ControlRequestName](message);
  return found
    ? { type: 'invalid', id, why: describeMismatch(found, 'The request') }
    : { type: 'request', id, name: name as ControlRequestName, params: message };
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return isRecord(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

function isId(id: unknown): id is number {
  return Number.isSafeInteger(id) && (id as number) >= 0;
}
