/** Events of a topic that a subscriber has missed and will not get. @publicApi */
export interface Gap {
  /** The topic; `*` for one gap that covers more topics than are reported separately. */
  readonly topic: string;
  /** The number of missed events; `undefined` if it is unknown. */
  readonly missed: number | undefined;
  /**
   * - `connection`: the events were published while the backend was unreachable
   * - `slow`: the queue of this subscriber or of its worker was full
   * - `trimmed`: the retention limits of the topic deleted the events before they were read
   * - `lost`: the backend lost stored events of the topic, or they cannot be read
   */
  readonly reason: 'connection' | 'slow' | 'trimmed' | 'lost';
}
