import { duration } from './format.js';
import { Ago, Details, Foreign, html } from './ui.js';

const STEPS = ['canary', 'soak', 'rolling'];
const RECENT = 30_000;
const TEXTS = {
  canary: () => 'the first new worker starts',
  soak: () => 'the first new worker must stay healthy',
  rolling: ({ replaced, wanted }) => `${replaced} of ${wanted} workers are replaced`,
  done: () => 'done',
  failed: () => 'failed',
  stopped: () => 'stopped, because the host stops',
};

/** Whether a reload is worth a banner: it goes on, has failed, or has ended a moment ago. */
export const isShown = (reload, now) =>
  reload !== null &&
  (STEPS.includes(reload.phase) ||
    reload.phase === 'failed' ||
    now - reload.startedAt - (reload.duration ?? 0) < RECENT);

/** A reload, its progress, and why it failed. */
export function ReloadBanner({ reload, now, dismiss }) {
  const { phase, generation, startedAt, duration: took, replaced, wanted, error, worker } = reload;
  const place = STEPS.indexOf(phase);
  const grade = { done: 'good', failed: 'bad', stopped: 'warn' }[phase] ?? 'info';
  return html`
    <section class="notice reload ${grade}" aria-label="Reload">
      <div class="line">
        <span><b>Reload to generation ${generation}</b>: ${TEXTS[phase]?.(reload) ?? phase}${took === undefined ? '.' : html` <${Ago} at=${startedAt + took} now=${now} />, after ${duration(took)}.`}
          ${phase === 'failed' && ' Old workers continue to serve.'}
          ${place >= 0 && html` <small>started <${Ago} at=${startedAt} now=${now} /></small>`}</span>
        ${place < 0 && html`<button class="small" onClick=${dismiss}>Dismiss</button>`}
      </div>
      ${
        place >= 0 &&
        html`
        <ol class="steps">${STEPS.map((step, index) => html`<li class=${index < place ? 'past' : ''} aria-current=${index === place ? 'step' : undefined}>${step}</li>`)}</ol>
        <progress aria-label="Replaced workers" value=${replaced} max=${wanted}></progress>
      `
      }
      ${error && html`<p class="error"><${Foreign} text=${error} max=${1_000} /></p>`}
      ${worker && html`<${Details} label="Last output of worker ${worker.slot} (pid ${worker.pid}, ${worker.reason})" text=${worker.output} />`}
    </section>
  `;
}
