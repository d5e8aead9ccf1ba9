import { element, setText } from './dom.js';
import { count, duration, grouped, milliseconds } from './format.js';
import { p99, pauseLoad, startLoad } from './load.js';
import { hostTime, tell } from './timeline.js';
import { traffic, watchFailures } from './traffic.js';

/** Milliseconds between two updates, each of which adds a bar. */
const EVERY = 500;
const BARS = 60;
/** The latest bars whose requests a second are shown. */
const LATELY = 4;

const strip = document.querySelector('#strip');
const chart = strip.querySelector('.chart');
const pause = strip.querySelector('button');

let before = { ...traffic };
let failures = [];

/** Starts the steady load, and shows how many requests of this page were answered and how many failed. */
export function setUpStrip() {
  chart.append(...Array.from({ length: BARS }, () => newBar(0, 0)));
  watchFailures((path, error) => failures.push({ path, error, at: hostTime() }));
  pause.addEventListener('click', () => {
    const isPaused = pause.ariaPressed !== 'true';
    pause.ariaPressed = String(isPaused);
    pauseLoad(isPaused);
  });
  startLoad();
  setInterval(update, EVERY);
}

function update() {
  chart.firstChild.remove();
  chart.append(newBar(traffic.answered - before.answered, traffic.failed - before.failed));
  before = { ...traffic };
  drawBars();
  const lately = [...chart.children].slice(-LATELY).reduce((sum, bar) => sum + bar.answered, 0);
  const time = p99();
  field('rate', grouped(Math.round(lately / ((LATELY * EVERY) / 1000))));
  field('p99', time === undefined ? '–' : time < 1000 ? milliseconds(time) : duration(time));
  field('answered', grouped(traffic.answered));
  field('failed', grouped(traffic.failed));
  strip.dataset.failed = String(traffic.failed > 0);
  strip.dataset.inFlight = traffic.sent - traffic.answered - traffic.failed;
  tellFailures();
}

/** One entry for all failures since the last update: if the application is down, there are many. */
function tellFailures() {
  if (failures.length === 0) return;
  const [{ path, error, at }] = failures;
  tell('bad', `${count(failures.length, 'request')} failed`, `${path}: ${error.message}`, at);
  failures = [];
}

/** A rush is 50 times as fast as the steady load: with the square root, both can be seen. */
function drawBars() {
  const bars = [...chart.children];
  const most = Math.max(10, ...bars.map(({ answered, failed }) => answered + failed));
  for (const bar of bars) {
    bar.style.setProperty('--share', Math.sqrt((bar.answered + bar.failed) / most));
  }
}

function newBar(answered, failed) {
  const bar = Object.assign(element('i'), { answered, failed });
  bar.dataset.kind = failed ? 'bad' : 'good';
  return bar;
}

function field(name, text) {
  setText(strip.querySelector(`[data-field='${name}']`), text);
}
