import { NoAnswerError } from './api.js';
import { setText } from './dom.js';
import { tell } from './timeline.js';

const REFUSALS = {
  409: { kind: 'note', title: 'No ticket left' },
  429: { kind: 'wait', title: 'Too fast' },
};

const result = document.querySelector('#sale .result');

/** Shows the progress of a button of the sale. */
export function showProgress(text) {
  setText(result, text);
}

/** Shows the outcome of a button of the sale, beside the button and in the timeline. */
export function say(kind, title, detail) {
  setText(result, `${title}. ${detail}`);
  tell(kind, title, detail);
}

/** Shows why no ticket was sold. Being sold out or rate-limited is not an error. */
export function sayWhyNot(error) {
  const { kind, title } = REFUSALS[error.status] ?? { kind: 'bad', title: 'No ticket sold' };
  const perhaps = error instanceof NoAnswerError ? ' It may have sold a ticket first.' : '';
  say(kind, title, error.message + perhaps);
}
