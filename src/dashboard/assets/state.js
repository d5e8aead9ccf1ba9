import { post } from './actions.js';
import { duration, number, percent } from './format.js';
import { Component } from './preact.js';
import {
  Filter,
  Foreign,
  Hint,
  html,
  known,
  NOTHING,
  Notice,
  Output,
  Select,
  Table,
} from './ui.js';

const GROUPS = [
  ['', 'All kinds'],
  ['counter value map set leaderboard history', 'Values'],
  ['lock semaphore', 'Locks'],
  ['leader', 'Leaders'],
  ['rateLimit throttler', 'Limits'],
  ['cache', 'Caches'],
];

/** Kinds whose entries have no value of a user. */
const WITHOUT_VALUE = new Set(['lock', 'leader', 'semaphore']);

/** A value, which is read on request only. */
class Value extends Component {
  async read() {
    const { kind, key } = this.props.entry;
    this.setState({ isBusy: true, error: undefined });
    try {
      this.setState({ value: await (await post('state/value', { kind, key })).json() });
    } catch (error) {
      this.setState({ error: error.message });
    }
    this.setState({ isBusy: false });
  }

  render({ entry }, { value, error, isBusy }) {
    return html`
      <button class="small" disabled=${isBusy} aria-label="${value ? 'Refresh' : 'Show'} the value of ${entry.key}" onClick=${() => this.read()}>${value ? 'Refresh' : 'Show'}</button>
      <div role="status">
        ${error && html`<p class="error"><${Foreign} text=${error} /></p>`}
        ${value && (value.text === null ? html`<small>It has no value.</small>` : html`<${Output} label="Value" text=${value.text} />`)}
        ${value?.isTruncated && html`<small>The rest is not shown.</small>`}
      </div>
    `;
  }
}

const COLUMNS = [
  { name: 'Kind', by: each => each.kind, show: each => each.kind },
  {
    name: 'Key',
    kind: 'key',
    by: each => each.key,
    show: each => html`<${Foreign} text=${each.key} />`,
  },
  {
    name: 'Expires in',
    kind: 'num',
    by: each => each.ttl,
    show: each => duration(each.ttl) ?? 'never',
  },
  { name: 'Size', kind: 'num', by: each => each.size, show: each => number(each.size) ?? NOTHING },
  {
    name: 'Hit rate',
    kind: 'num',
    by: each => each.hitRate,
    show: each => (each.hitRate === undefined ? NOTHING : known(percent(each.hitRate))),
  },
  {
    name: 'Held by',
    kind: 'wide',
    show: each =>
      each.holders?.length > 0
        ? html`<ul>${each.holders.map(text => html`<li><${Foreign} ...${{ text }} /></li>`)}</ul>`
        : NOTHING,
  },
  {
    name: 'Waiting',
    kind: 'num',
    by: each => each.waiting,
    show: each => number(each.waiting) ?? NOTHING,
  },
  {
    name: 'Value',
    kind: 'wide',
    show: each => (WITHOUT_VALUE.has(each.kind) ? NOTHING : html`<${Value} entry=${each} />`),
  },
];

/** The shared state. */
export class State extends Component {
  state = { text: '', kinds: '' };

  render({ section: { backend, entries, isTruncated, error } }, { text, kinds }) {
    const wanted = kinds.split(' ');
    const shown = entries.filter(
      ({ kind, key }) =>
        (!kinds || wanted.includes(kind)) && key.toLowerCase().includes(text.toLowerCase()),
    );
    return html`
      ${error && html`<${Notice} grade="bad">The backend did not answer: <${Foreign} text=${error} /><//>`}
      ${isTruncated && html`<${Notice}>There are more entries: these are the first ${number(entries.length)}, by kind and key.<//>`}
      <${Filter} label="Filter" value=${text} set=${value => this.setState({ text: value })} shown=${shown.length} all=${entries.length} noun="entries in ${backend === 'redis' ? 'Redis' : 'memory'}">
        <${Select} label="Kinds" value=${kinds} set=${value => this.setState({ kinds: value })} options=${GROUPS} />
      <//>
      ${
        entries.length === 0
          ? html`<${Hint}>The shared state is empty.<//>`
          : html`<${Table} label="Entries of the shared state" columns=${COLUMNS} rows=${shown} keyOf=${each => `${each.kind} ${each.key}`} />`
      }
    `;
  }
}
