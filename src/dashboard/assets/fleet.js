import { counted, duration } from './format.js';
import { amount, Badge, Details, Foreign, Hint, html, NOTHING, Notice, Table } from './ui.js';

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

const text = (name, key) => ({
  name,
  kind: 'two',
  by: each => each[key],
  show: each => (each[key] ? html`<${Foreign} text=${each[key]} max=${60} />` : NOTHING),
});

/** As workers have it: rows of hosts that are not well are coloured, and come first. */
function gradeOf({ health, reload }) {
  const worst = GRADES[health];
  return worst === 'bad' || reload?.state === 'failed' ? 'bad' : worst === 'warn' ? worst : '';
}

/** Hosts of another version have only an id. */
const COLUMNS = [
  {
    name: 'Host',
    kind: 'key',
    by: each => each.name,
    show: each =>
      html`<${Foreign} text=${each.name ?? each.id} />${each.isSelf && html` <${Badge} grade="info">this host<//>`}${!each.health && html` <small>another version: only its id is known</small>`}`,
  },
  { name: 'Pid', kind: 'num', show: each => each.pid ?? NOTHING },
  {
    name: 'Health',
    by: each => each.health,
    show: each => (each.health ? grade(each.health) : NOTHING),
  },
  {
    name: 'Ready',
    kind: 'num',
    by: each => each.ready,
    show: each =>
      each.mode === 'single'
        ? 'single mode'
        : each.mode
          ? `${each.ready} of ${each.wanted}`
          : NOTHING,
  },
  amount('Generation', 'generation'),
  amount('Uptime', 'uptime', duration),
  text('Release', 'release'),
  text('nestjs-cluster', 'version'),
  {
    name: 'Last fleet reload',
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
  const reloads = state => hosts.filter(({ reload }) => reload?.state === state).length;
  const failed = reloads('failed');
  return html`
    <${Hint}><b><${Foreign} text=${namespace} /></b>: ${healthy} of ${counted(hosts.length + unknown.length, 'host')} healthy.${reloads('running') > 0 && ` A reload of all hosts is under way: ${reloads('done')} of ${hosts.length} done${failed > 0 ? `, ${failed} failed` : ''}.`}<//>
    <${Table} label="Hosts" columns=${COLUMNS} rows=${[...hosts, ...unknown]} keyOf=${each => each.id} gradeOf=${gradeOf} />
  `;
}
