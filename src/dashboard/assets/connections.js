import { duration } from './format.js';
import { conditionOf, whyUnknown } from './model.js';
import { amount, Hint, html, known, NOTHING, Table } from './ui.js';
import { Condition, gradeOfWorker, nameOf } from './workers.js';

const figure = (name, key) => {
  const { show, ...column } = amount(name, key);
  return {
    ...column,
    show: each => (each[key] === null ? known(null, whyUnknown(each.worker)) : show(each)),
  };
};

const COLUMNS = [
  { name: 'Slot', kind: 'slot', by: each => each.slot, show: nameOf },
  { name: 'Pid', kind: 'num', show: each => each.pid },
  {
    name: 'State',
    by: each => conditionOf(each.worker),
    show: ({ worker }) => html`<${Condition} ...${{ worker }} />`,
  },
  {
    name: 'Draining for',
    kind: 'num',
    by: each => each.drainingFor,
    show: each => duration(each.drainingFor) ?? NOTHING,
  },
  figure('Open connections', 'open'),
  figure('Idle connections', 'idle'),
  figure('In flight', 'inFlight'),
  figure('WebSockets', 'webSockets'),
  figure('Messages in flight', 'messages'),
];

/** The connections of each worker, with its condition from the overview: a blocked worker counts as ready here. */
export function Connections({ section: { workers }, model: { latest } }) {
  const all = [...latest.workers, ...latest.spares];
  const rows = workers.map(each => ({
    ...each,
    worker: all.find(({ pid }) => pid === each.pid) ?? each,
  }));
  const draining = workers.filter(({ state }) => state === 'draining').length;
  return html`
    <${Hint}>${draining === 0 ? 'No worker is draining.' : `Draining: ${draining} of ${workers.length} workers. Each leaves when its requests are answered.`}<//>
    <${Table} label="Connections" columns=${COLUMNS} rows=${rows} keyOf=${each => each.pid}
      gradeOf=${each => gradeOfWorker(each.worker) || (each.state === 'draining' ? 'warn' : '')} />
  `;
}
