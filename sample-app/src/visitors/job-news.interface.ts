/** A run of the job that releases expired reservations. */
export interface JobNews {
  /** When it ran, in ms since the epoch. */
  readonly at: number;
  /** The worker that ran it. */
  readonly worker: { readonly slot: number; readonly pid: number };
  /** How many tickets it has released; only in the news of the run itself. */
  readonly released?: number;
}
