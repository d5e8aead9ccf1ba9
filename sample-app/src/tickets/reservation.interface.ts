/** A ticket that is kept for one visitor for a while. */
export interface Reservation {
  readonly number: number;
  /** When it ends, in ms since the epoch. */
  readonly until: number;
}

/** What the session of a visitor has. Whichever worker gets a request finds it. */
export interface VisitorSession {
  reservation?: Reservation;
}
