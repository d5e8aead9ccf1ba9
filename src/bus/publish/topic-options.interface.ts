/** Limits for the stored events of a durable topic. @publicApi */
export interface RetentionOptions {
  /**
   * The maximum number of events.
   *
   * @defaultValue 10000
   */
  readonly maxLength?: number | undefined;
  /**
   * The maximum age of an event in milliseconds. Older events are deleted when the next event is published. The last
   * event is never deleted.
   *
   * @defaultValue none: events have no maximum age
   */
  readonly maxAge?: number | undefined;
  /**
   * The approximate maximum size of all events: a number of bytes, or a text such as `'16mb'`. The oldest events are
   * deleted first. The last event is never deleted.
   *
   * @defaultValue '64mb'
   */
  readonly maxBytes?: number | string | undefined;
}

/** Which events of a topic are stored. @publicApi */
export interface TopicOptions {
  /**
   * Stores events for subscribers that are offline for a while: they get the events that they missed, in order.
   *
   * @defaultValue false
   */
  readonly durable?: boolean | RetentionOptions | undefined;
  /**
   * Stores the last event for later subscribers, which get it first.
   *
   * @defaultValue false
   */
  readonly retain?: boolean | undefined;
}
