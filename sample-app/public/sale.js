import { NoAnswerError } from './api.js';
import { setText } from './dom.js';
import { tell } from './timeline.js';

const REFUSALS = {
  409: { kind: 'note', title: 'No ticket left' },
  429: { kind: 'wait', title: 'Too fast' },
};

const result = document.querySelector('#sale .result');

/** How far a button of the sale has come. */
export function showProgress(text) {
  setText(result, text);
}

/** What came of a button of the sale, beside the button and in the timeline. */
export function say(kind, title, detail) {
  setText(result, `${title}. ${detail}`);
  tell(kind, title, detail);
}

/** Why there is no ticket. To be sold out or too fast is nothing bad. */
export function sayWhyNot(error) {
  const { kind, title } = REFUSALS[error.status] ?? { kind: 'bad', title: 'No ticket came' };
  const perhaps = error instanceof NoAnswerError ? ' It may have sold a ticket first.' : '';
  say(kind, title, error.message + perhaps);
}
