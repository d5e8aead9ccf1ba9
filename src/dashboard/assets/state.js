import { post } from './actions.js';
import { counted, duration, number, percent } from './format.js';
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

/** What the size of a kind counts; the others have entries. */
const UNITS = {
  map: 'field',
  set: 'member',
  leaderboard: 'member',
  rateLimit: 'hit',
};

/** What some kinds have: hits, who holds it, and how many wait. */
function detailsOf({ hitRate, holders = [], waiting }) {
  const lines = [
    ...(hitRate === undefined ? [] : [html`${known(percent(hitRate))} hits`]),
    ...holders.map(text => html`<${Foreign} ...${{ text }} />`),
    ...(waiting > 0 ? [`${number(waiting)} waiting`] : []),
  ];
  return lines.length > 0 ? html`<ul>${lines.map(line => html`<li>${line}</li>`)}</ul>` : NOTHING;
}

const COLUMNS = [
  {
    name: 'Key',
    kind: 'key',
    by: each => each.key,
    show: each => html`<${Foreign} text=${each.key} />`,
  },
  { name: 'Kind', by: each => each.kind, show: each => each.kind },
  {
    name: 'Expires in',
    kind: 'num',
    by: each => each.ttl,
    show: each => duration(each.ttl) ?? NOTHING,
  },
  {
    name: 'Size',
    kind: 'num',
    by: each => each.size,
    show: ({ size, kind }) =>
      size === undefined ? NOTHING : counted(size, UNITS[kind] ?? 'entry'),
  },
  { name: 'Details', kind: 'two held', by: each => each.hitRate, show: detailsOf },
  {
    name: 'Value',
    kind: 'value',
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
      ${isTruncated && html`<${Notice}>More entries exist. This page has the first ${number(entries.length)}, by kind and key, and the filter searches only these.<//>`}
      <${Filter} label="Filter" value=${text} set=${value => this.setState({ text: value })} shown=${shown.length} all=${entries.length} noun="entries in ${backend === 'redis' ? 'Redis' : 'memory'}${isTruncated ? ' (more exist)' : ''}">
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
