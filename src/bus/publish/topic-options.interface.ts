/** How much of a durable topic is kept. @publicApi */
export interface RetentionOptions {
  /**
   * How many events at most.
   *
   * @defaultValue 10000
   */
  readonly maxLength?: number;
  /**
   * For how many milliseconds at most; what is older goes when the next event is published. The last
   * one always stays.
   *
   * @defaultValue none: as long as there is room
   */
  readonly maxAge?: number;
  /**
   * How much memory all events of the topic take at most, about: bytes, or a text such as `'16mb'`. The oldest
   * make room; the last one always stays.
   *
   * @defaultValue '64mb'
   */
  readonly maxBytes?: number | string;
}

/** What happens to the events of a topic after they are published. @publicApi */
export interface TopicOptions {
  /**
   * Events are kept for subscribers who are away for a while: they get what they missed, in order.
   *
   * @defaultValue false
   */
  readonly durable?: boolean | RetentionOptions;
  /**
   * The last event is kept for whoever subscribes later, who gets it first.
   *
   * @defaultValue false
   */
  readonly retain?: boolean;
}
