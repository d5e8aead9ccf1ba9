/** What became of the requests of this page. Sent requests are answered, failed, or still in flight. */
export const traffic = { sent: 0, answered: 0, failed: 0 };

let onFailure = () => {};

/** Returns the number of the request. */
export function countSent() {
  return ++traffic.sent;
}

export function countAnswer() {
  traffic.answered++;
}

export function countFailure(path, error) {
  traffic.failed++;
  onFailure(path, error);
}

/** Has a function called with the path and the error of each failed request. */
export function watchFailures(listener) {
  onFailure = listener;
}
