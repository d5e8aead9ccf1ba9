import { setText } from './dom.js';
import { duration } from './format.js';

const host = document.querySelector('#host');
const served = document.querySelector('#served-note');
const servedBy = Number(document.body.dataset.pid);

/** Shows an answer of `/api/status`. */
export function showHost({ pid, uptime, generation, workers }) {
  field('generation', String(generation));
  field('primary', `pid ${pid}`);
  if (document.body.dataset.mode === 'single') field('pid-of', 'Only process');
  field('uptime', duration(uptime));
  if (!workers.some(worker => worker.pid === servedBy && worker.state !== 'exited')) {
    setText(served, 'That worker has exited. The page works without it.');
  }
}

function field(name, text) {
  setText(host.querySelector(`[data-field='${name}']`), text);
}
