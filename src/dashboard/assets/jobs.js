import { duration } from './format.js';
import { Ago, Badge, Foreign, Hint, html, NOTHING, Notice, Table } from './ui.js';

const PLACES = { once: 'once in the fleet', host: 'once per host', each: 'in each worker' };

const isFailed = ({ lastRun }) => lastRun?.result === 'failed';

/** A column about the last run. */
const run = (name, show, by, kind) => ({
  name,
  kind,
  by: each => each.lastRun && by?.(each.lastRun),
  show: each => (each.lastRun ? show(each.lastRun) : NOTHING),
});

/** Scheduled jobs. */
export function Jobs({ section: { used, jobs, error }, now }) {
  if (!used) {
    return html`<${Hint}>This application does not use ClusterScheduleModule.<//>`;
  }
  const columns = [
    {
      name: 'Job',
      kind: 'key',
      by: each => each.name,
      show: each =>
        html`<${Foreign} text=${each.name} />${each.isPaused && html` <${Badge} grade="warn">paused<//>`}`,
    },
    { name: 'Kind', by: each => each.kind, show: each => each.kind },
    { name: 'Runs', show: each => PLACES[each.run] ?? each.run },
    run(
      'Last run',
      ({ at }) => html`<${Ago} ...${{ at, now }} />`,
      ({ at }) => at,
    ),
    run(
      'Worker',
      ({ worker: { slot, pid, host } }) =>
        html`slot ${slot} <small>pid ${pid} of <${Foreign} text=${host} /></small>`,
      undefined,
      'two',
    ),
    run(
      'Duration',
      each => duration(each.duration),
      each => each.duration,
      'num',
    ),
    run(
      'Result',
      ({ result, error: why }) =>
        html`<${Badge} grade=${result === 'done' ? 'good' : 'bad'}>${result}<//>${why && html` <span class="error"><${Foreign} text=${why} /></span>`}`,
      each => each.result,
      'wide',
    ),
    {
      name: 'Next run',
      by: each => each.nextRun,
      show: each =>
        each.isPaused
          ? 'paused'
          : each.nextRun
            ? html`<${Ago} at=${each.nextRun} now=${now} />`
            : NOTHING,
    },
  ];
  return html`
    ${error && html`<${Notice} grade="bad">The jobs cannot be read: <${Foreign} text=${error} /><//>`}
    ${jobs.length === 0 ? html`<${Hint}>No jobs.<//>` : html`<${Table} label="Jobs" columns=${columns} rows=${jobs} keyOf=${each => each.name} gradeOf=${each => (isFailed(each) ? 'bad' : '')} />`}
  `;
}
