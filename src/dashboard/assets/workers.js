import { bytes, counted, duration, number, percent, rate } from './format.js';
import { columnsOf, conditionOf, slotsOf, sumOf } from './model.js';
import { colorOf, Plot, Spark } from './plot.js';
import { Component } from './preact.js';
import { Ago, Badge, Foreign, html, known, NOTHING, Table, Time } from './ui.js';

/** In the order of the values of a sample: delay and utilization of the event loop are the second and third. */
const METRICS = [
  ['Memory', bytes],
  ['Loop p99', duration],
  ['Utilization', percent],
  ['Requests', rate],
];

const GRADES = {
  ready: 'good',
  booting: 'warn',
  draining: 'warn',
  overloaded: 'warn',
  standby: 'info',
  exited: 'bad',
  blocked: 'bad',
};

/** What all workers do together. */
function Totals({ latest: { workers, host } }) {
  const serving = workers.filter(({ state }) => state === 'ready' || state === 'draining');
  const total = (read, format) => {
    const { sum, unknown } = sumOf(serving.map(read));
    return html`${known(format(sum))}${sum !== null && unknown > 0 && html` <small>+ ${unknown} unknown</small>`}`;
  };
  const worst = Math.max(...serving.map(({ vitals }) => vitals?.eventLoopDelayP99 ?? -1));
  const { used, limit } = host.stateMemory;
  const tiles = [
    ['Requests', total(each => each.requestRate, rate)],
    ['In flight', total(each => each.inFlight, number)],
    ['Worst loop p99', known(duration(worst < 0 ? null : worst))],
    ['Memory of workers', total(each => each.vitals?.memory, bytes)],
    ['Shared state', html`${bytes(used)} <small>of ${bytes(limit)}</small>`],
    ['Restarts in a minute', number(host.recentRestarts)],
    ...(host.discardedOutput > 0 ? [['Discarded output', bytes(host.discardedOutput)]] : []),
  ];
  return html`<dl class="tiles">${tiles.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

class Chart extends Component {
  render({ metric, history, slots, theme, focus }, { read = '' }) {
    const [name, format] = METRICS[metric];
    if (history !== this.history) {
      this.history = history;
      this.columns = columnsOf(history, metric, slots);
    }
    const { columns } = this;
    const now = columns
      .slice(1)
      .map(column => column.at(-1) ?? null)
      .filter(value => value !== null);
    const range =
      now.length > 0
        ? `now ${format(Math.min(...now))} to ${format(Math.max(...now))}`
        : 'now unknown';
    return html`
      <figure>
        <figcaption>${name} <small>${read || range}</small></figcaption>
        <${Plot} label="${name} of ${counted(slots, 'slot')} in the last 15 minutes, ${range}. The table has the values of each worker."
          ...${{ columns, format, theme, focus }} place=${metric} readout=${text => this.setState({ read: text })} />
      </figure>
    `;
  }
}

const nameOf = ({ slot }) => (slot < 0 ? 'spare' : slot);

function State({ worker, now }) {
  const condition = conditionOf(worker);
  const { heartbeatOverdue: overdue, isOutputPaused } = worker;
  return html`
    <${Badge} grade=${GRADES[condition]}>${condition}<//>
    ${condition === 'blocked' && html` <small>since <${Time} at=${now - overdue} now=${now} /></small>`}
    ${isOutputPaused && html` <small>its output is not read</small>`}
  `;
}

const LastExit = ({ exit, now }) => html`
  <${Badge} grade=${exit.reason === 'left' ? 'plain' : 'bad'}>${exit.reason}<//>${' '}
  <small><${Ago} at=${exit.at} now=${now} />${exit.error && html` <${Foreign} text=${exit.error} />`}</small>
`;

/** Workers by slot, with the history of each slot. The pointer on a worker shows its lines. */
export class Workers extends Component {
  render({ model, theme, act }, { focus = null }) {
    const { latest, history } = model;
    const { at: now, workers, spares, actions } = latest;
    const slots = slotsOf(history);
    const measured = (metric, read) => ({
      name: METRICS[metric][0],
      kind: 'num',
      by: read,
      show: worker => html`<span class="measure">
      ${worker.slot >= 0 && html`<${Spark} ...${{ history, metric }} slot=${worker.slot} />`}
      <span>${known(METRICS[metric][1](read(worker)))}</span>
    </span>`,
    });
    const columns = [
      {
        name: 'Slot',
        kind: 'slot',
        by: each => each.slot,
        show: each =>
          html`<i class="swatch" style=${{ background: each.slot < 0 ? 'none' : colorOf(each.slot) }}></i>${nameOf(each)}`,
      },
      { name: 'State', by: conditionOf, show: worker => html`<${State} ...${{ worker, now }} />` },
      {
        name: 'Generation',
        kind: 'num',
        by: each => each.generation,
        show: each => each.generation,
      },
      {
        name: 'Age',
        kind: 'num',
        by: each => each.uptime,
        show: each => (each.state === 'exited' ? NOTHING : duration(each.uptime)),
      },
      { name: 'Pid', kind: 'num', show: each => each.pid },
      measured(0, each => each.vitals?.memory),
      measured(1, each => each.vitals?.eventLoopDelayP99),
      measured(2, each => each.vitals?.eventLoopUtilization),
      measured(3, each => each.requestRate),
      {
        name: 'In flight',
        kind: 'num',
        by: each => each.inFlight,
        show: each => known(number(each.inFlight)),
      },
      { name: 'Restarts', kind: 'num', by: each => each.restarts, show: each => each.restarts },
      {
        name: 'Last exit',
        kind: 'wide',
        by: each => each.lastExit?.at,
        show: each =>
          each.lastExit ? html`<${LastExit} exit=${each.lastExit} now=${now} />` : NOTHING,
      },
    ];
    const own = ['replace', 'stack', 'profile'].filter(name => actions.includes(name));
    if (own.length > 0) {
      const show = ({ slot }) =>
        slot >= 0 &&
        own.map(
          name =>
            html`<button class="small" aria-label="${name} worker ${slot}" onClick=${() => act(name, slot)}>${name}</button>`,
        );
      columns.push({ name: 'Actions', hides: true, kind: 'actions', show });
    }
    return html`
    <${Totals} latest=${latest} />
    <div class="plots">${METRICS.map((_, metric) => html`<${Chart} key=${metric} ...${{ metric, history, slots, theme, focus }} />`)}</div>
    <${Table} label="Workers" columns=${columns} rows=${[...workers, ...spares]} keyOf=${each => `${each.slot} ${each.id}`}
      gradeOf=${each => (conditionOf(each) === 'blocked' ? 'bad' : '')}
      rowProps=${({ slot }) => ({ onMouseEnter: () => this.setState({ focus: slot }), onMouseLeave: () => this.setState({ focus: null }) })} />
  `;
  }
}
