import { duration, number } from './format.js';
import { Badge, Hint, html, known, NOTHING, Table } from './ui.js';

const amount = (name, key) => ({
  name,
  kind: 'num',
  by: each => each[key],
  show: each => known(number(each[key])),
});

const COLUMNS = [
  {
    name: 'Slot',
    kind: 'slot',
    by: each => each.slot,
    show: each => (each.slot < 0 ? 'spare' : each.slot),
  },
  { name: 'Pid', kind: 'num', show: each => each.pid },
  {
    name: 'State',
    by: each => each.state,
    show: each =>
      html`<${Badge} grade=${each.state === 'draining' ? 'warn' : each.state === 'ready' ? 'good' : 'plain'}>${each.state}<//>`,
  },
  {
    name: 'Draining for',
    kind: 'num',
    by: each => each.drainingFor,
    show: each => duration(each.drainingFor) ?? NOTHING,
  },
  amount('Open', 'open'),
  amount('Idle', 'idle'),
  amount('In flight', 'inFlight'),
  amount('WebSockets', 'webSockets'),
  amount('Messages', 'messages'),
];

const isDraining = ({ state }) => state === 'draining';

/** The connections of each worker; draining workers come first. */
export function Connections({ section: { workers } }) {
  const draining = workers.filter(isDraining);
  return html`
    <${Hint}>${draining.length === 0 ? 'No worker is draining.' : `${draining.length} of ${workers.length} workers drain: they leave when their requests are answered.`}<//>
    <${Table} label="Connections" columns=${COLUMNS} rows=${[...draining, ...workers.filter(each => !isDraining(each))]}
      keyOf=${each => each.pid} gradeOf=${each => (isDraining(each) ? 'warn' : '')} />
  `;
}
