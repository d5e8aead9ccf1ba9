import { bytes, counted, duration, fullTime, number, percent, rate } from './format.js';
import { columnsOf, conditionOf, slotsOf, sumOf, vitalsOf, whyUnknown } from './model.js';
import { colorOf, Plot, Spark } from './plot.js';
import { Component } from './preact.js';
import { Ago, amount, Badge, Foreign, html, known, NOTHING, Table } from './ui.js';

/** In the order of the values of a sample: delay and utilization of the event loop are the second and third. */
const METRICS = [
  ['Memory', bytes],
  ['Loop p99', duration, 'Delay of the event loop: 99 % of the delays are shorter'],
  ['Utilization', percent, 'Share of the time for which the event loop is busy'],
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

const isBlocked = worker => conditionOf(worker) === 'blocked';

export const gradeOfWorker = worker => (isBlocked(worker) ? 'bad' : '');

export const nameOf = ({ slot }) => (slot < 0 ? 'spare' : slot);

/** The condition of a worker with its colour. */
export function Condition({ worker }) {
  const condition = conditionOf(worker);
  return html`<${Badge} grade=${GRADES[condition]}>${condition}<//>`;
}

const delayOf = worker => vitalsOf(worker).eventLoopDelayP99;

/** The delay of an event loop. A blocked one has at least that of its block. */
const delayText = worker =>
  isBlocked(worker)
    ? html`<b class="due bad">> ${duration(worker.heartbeatOverdue)}</b>`
    : known(duration(delayOf(worker)), whyUnknown(worker));

/** What all workers do together. */
function Totals({ latest: { workers, host } }) {
  const serving = workers.filter(({ state }) => state === 'ready' || state === 'draining');
  const total = (read, format) => {
    const { sum, unknown } = sumOf(serving.map(read));
    return html`${known(format(sum))}${sum !== null && unknown > 0 && html` <small>+ ${counted(unknown, 'worker')} unknown</small>`}`;
  };
  const [worst] = serving.toSorted((one, other) => (delayOf(other) ?? -1) - (delayOf(one) ?? -1));
  const { used, limit } = host.stateMemory;
  const tiles = [
    ['Requests', total(each => each.requestRate, rate)],
    ['In flight', total(each => each.inFlight, number)],
    ['Worst loop p99', worst ? delayText(worst) : known(null)],
    ['Memory of workers', total(each => vitalsOf(each).memory, bytes)],
    ['Shared state', html`${bytes(used)} <small>of ${bytes(limit)}</small>`],
    ['Restarts, last minute', number(host.recentRestarts)],
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
    const [least, most] = [format(Math.min(...now)), format(Math.max(...now))];
    const unknown = slots - now.length;
    const range =
      now.length === 0
        ? 'now unknown'
        : `now ${least === most ? least : `${least} to ${most}`}${unknown > 0 ? `, ${unknown} unknown` : ''}`;
    return html`
      <figure>
        <figcaption>${name} <small>${read || range}</small></figcaption>
        <${Plot} label="${name} of ${counted(slots, 'slot')} in the last 15 minutes, ${range}. The table has the values of each worker."
          ...${{ columns, format, theme, focus }} place=${metric} readout=${text => this.setState({ read: text })} />
      </figure>
    `;
  }
}

const State = ({ worker, now }) => html`
  <${Condition} ...${{ worker }} />
  ${isBlocked(worker) && html` <small title="since ${fullTime(now - worker.heartbeatOverdue)}">for ${duration(worker.heartbeatOverdue)}</small>`}
  ${worker.isOutputPaused && html` <small>nobody reads its output</small>`}
`;

const LastExit = ({ exit, now }) => html`
  <${Badge} grade=${exit.reason === 'left' ? 'plain' : 'bad'}>${exit.reason === 'left' ? 'exited normally' : exit.reason}<//>${' '}
  <small><${Ago} at=${exit.at} now=${now} />${exit.error && html`: <${Foreign} text=${exit.error} />`}</small>
`;

/** A button for an action on a process, or on a slot. */
const Action = ({ name, worker: { slot, pid }, act }) =>
  name === 'replace'
    ? html`<button class="small" aria-label="replace worker ${slot}" onClick=${() => act(name, { slot })}>${name}</button>`
    : html`<button class="small" aria-label="${name} worker ${slot}, pid ${pid}" onClick=${() => act(name, { slot, pid })}>${name}</button>`;

/** Workers by slot, with the history of each slot. The pointer on a worker shows its lines. */
export class Workers extends Component {
  render({ model, theme, act }, { focus = null }) {
    const { latest, history } = model;
    const { at: now, workers, spares, actions } = latest;
    const slots = slotsOf(history);
    const measured = (metric, read, text) => {
      const [name, format, title] = METRICS[metric];
      return {
        name,
        title,
        kind: 'num',
        by: read,
        show: worker => html`<span class="measure">
      ${worker.slot >= 0 && worker.state !== 'draining' && html`<${Spark} ...${{ history, metric }} slot=${worker.slot} />`}
      <span>${text?.(worker) ?? known(format(read(worker)), whyUnknown(worker))}</span>
    </span>`,
      };
    };
    const columns = [
      {
        name: 'Slot',
        kind: 'slot',
        by: each => each.slot,
        show: each =>
          html`${each.slot >= 0 && html`<i class="swatch" style=${{ background: colorOf(each.slot) }}></i>`}${nameOf(each)}`,
      },
      { name: 'State', by: conditionOf, show: worker => html`<${State} ...${{ worker, now }} />` },
      amount('Generation', 'generation', number, { title: 'Each reload starts the next one' }),
      {
        ...amount('Age', 'uptime'),
        show: each => (each.state === 'exited' ? NOTHING : duration(each.uptime)),
      },
      { name: 'Pid', kind: 'num', show: each => each.pid },
      measured(0, each => vitalsOf(each).memory),
      measured(1, delayOf, delayText),
      measured(2, each => vitalsOf(each).eventLoopUtilization),
      measured(3, each => each.requestRate),
      {
        ...amount('In flight', 'inFlight'),
        show: each => known(number(each.inFlight), whyUnknown(each)),
      },
      amount('Restarts', 'restarts', number, { isQuiet: true }),
      {
        name: 'Last exit',
        kind: 'wide',
        by: each => each.lastExit?.at,
        show: each =>
          each.lastExit ? html`<${LastExit} exit=${each.lastExit} now=${now} />` : NOTHING,
      },
    ];
    const own = ['stack', 'profile', 'replace'].filter(name => actions.includes(name));
    if (own.length > 0) {
      // A slot has two workers while one of them is replaced: a slot is replaced, a process has a stack.
      const servesSlot = worker =>
        worker === workers.find(({ slot, state }) => slot === worker.slot && state !== 'draining');
      const show = worker =>
        worker.slot >= 0 &&
        own
          .filter(name => (name === 'replace' ? servesSlot(worker) : worker.state !== 'exited'))
          .map(name => html`<${Action} ...${{ name, worker, act }} />`);
      columns.push({ name: 'Actions', hides: true, kind: 'actions', show });
    }
    return html`
    <${Totals} latest=${latest} />
    <div class="plots">${METRICS.map((_, metric) => html`<${Chart} key=${metric} ...${{ metric, history, slots, theme, focus }} />`)}</div>
    <${Table} label="Workers" columns=${columns} rows=${[...workers, ...spares]} keyOf=${each => `${each.slot} ${each.id}`}
      gradeOf=${gradeOfWorker}
      rowProps=${({ slot }) => ({ onMouseEnter: () => this.setState({ focus: slot }), onMouseLeave: () => this.setState({ focus: null }) })} />
  `;
  }
}
