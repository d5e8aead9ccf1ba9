import { ask } from './api.js';
import { setText, whileBusy } from './dom.js';
import { clock, milliseconds } from './format.js';

const card = document.querySelector('#weather');
const button = card.querySelector('button');
const forecast = card.querySelector('[data-field="forecast"]');
const facts = card.querySelector('[data-field="facts"]');

/** The button that asks for the weather, which one worker looks up for all. */
export function setUpWeather() {
  button.addEventListener('click', whileBusy(button, lookUp));
}

async function lookUp() {
  const started = performance.now();
  try {
    const { degrees, sky, at, worker, answeredBy } = await ask('/api/weather');
    setText(forecast, `${degrees} °C, ${sky}`);
    const took = milliseconds(performance.now() - started);
    setText(
      facts,
      `Slot ${answeredBy.slot} answered in ${took}. Slot ${worker.slot} looked it up at ${clock(at)}.`,
    );
  } catch (error) {
    setText(facts, error.message);
  }
}
