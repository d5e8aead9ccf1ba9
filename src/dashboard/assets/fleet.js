import { counted, duration } from './format.js';
import { Badge, Details, Foreign, Hint, html, known, NOTHING, Notice, Table } from './ui.js';

const GRADES = {
  healthy: 'good',
  degraded: 'warn',
  down: 'bad',
  running: 'info',
  done: 'good',
  failed: 'bad',
};
const grade = text => html`<${Badge} grade=${GRADES[text]}>${text}<//>`;

const Reload = ({ reload: { state, generation, duration: took, why, worker } }) => html`
  ${grade(state)}${' '}
  <small>${generation !== undefined && `generation ${generation}`} ${took !== undefined && `in ${duration(took)}`}</small>
  ${why && html`<p class="error"><${Foreign} text=${why} /></p>`}
  ${worker && html`<${Details} label="Last output of worker ${worker.slot}" text=${worker.output} />`}
`;

/** Hosts of another version have only an id. */
const COLUMNS = [
  {
    name: 'Host',
    kind: 'key',
    by: each => each.name,
    show: each =>
      html`<${Foreign} text=${each.name ?? each.id} />${each.isSelf && html` <${Badge} grade="info">this host<//>`}`,
  },
  { name: 'Pid', kind: 'num', show: each => known(each.pid) },
  {
    name: 'Health',
    by: each => each.health,
    show: each => (each.health ? grade(each.health) : known(null)),
  },
  {
    name: 'Workers',
    kind: 'num',
    by: each => each.ready,
    show: each =>
      each.mode === 'single'
        ? 'single mode'
        : known(each.mode && `${each.ready} of ${each.wanted}`),
  },
  {
    name: 'Generation',
    kind: 'num',
    by: each => each.generation,
    show: each => known(each.generation),
  },
  {
    name: 'Uptime',
    kind: 'num',
    by: each => each.uptime,
    show: each => known(duration(each.uptime)),
  },
  {
    name: 'Release',
    by: each => each.release,
    show: each => known(each.release && html`<${Foreign} text=${each.release} max=${60} />`),
  },
  {
    name: 'nestjs-cluster',
    by: each => each.version,
    show: each => known(each.version && html`<${Foreign} text=${each.version} max=${40} />`),
  },
  {
    name: 'Last reload of all',
    kind: 'wide',
    show: each => (each.reload ? html`<${Reload} reload=${each.reload} />` : NOTHING),
  },
];

/** All hosts of the namespace. */
export function Fleet({ section: { namespace, hosts, unknown, error } }) {
  if (error) {
    return html`<${Notice} grade="bad">The fleet cannot be read: <${Foreign} text=${error} /><//>`;
  }
  const healthy = hosts.filter(({ health }) => health === 'healthy').length;
  const rolled = hosts.filter(({ reload }) => reload?.state === 'done').length;
  const isRolling = hosts.some(({ reload }) => reload?.state === 'running');
  return html`
    <${Hint}><b><${Foreign} text=${namespace} /></b>: ${healthy} of ${counted(hosts.length + unknown.length, 'host')} healthy.${isRolling && ` A reload of all hosts is under way: ${rolled} of ${hosts.length} done.`}<//>
    <${Table} label="Hosts" columns=${COLUMNS} rows=${[...hosts, ...unknown]} keyOf=${each => each.id} />
  `;
}
