/** Events of a topic that a subscriber has not got, and will not get. @publicApi */
export interface Gap {
  /** `*` where there are gaps of more topics than can be told of one by one. */
  readonly topic: string;
  /** How many; `undefined` if nobody can tell. */
  readonly missed: number | undefined;
  /**
   * - `connection`: they were published while the backend could not be reached
   * - `slow`: this subscriber, or its worker, could not keep up, and its queue was full
   * - `trimmed`: they were kept, but not for long enough
   * - `lost`: what the backend had kept of the topic is gone, or cannot be read
   */
  readonly reason: 'connection' | 'slow' | 'trimmed' | 'lost';
}
