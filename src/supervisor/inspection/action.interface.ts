import type { InspectionProgress } from '../../control/inspection.js';
import type { OpenInspector } from '../diagnostics/worker-inspector.js';

/** What an action inside a worker has at its disposal. @internal */
export interface ActionContext extends OpenInspector {
  readonly pid: number;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
  /** Tells how it goes on. */
  readonly item: (progress: InspectionProgress) => void;
}
