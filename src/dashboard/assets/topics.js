import { number, rate } from './format.js';
import { Component } from './preact.js';
import { Badge, Filter, Foreign, Hint, html, known, NOTHING, Notice, Table } from './ui.js';

const amount = (name, key, format = number) => ({
  name,
  kind: 'num',
  by: each => each[key],
  show: each => (each[key] === undefined ? NOTHING : known(format(each[key]))),
});

const Group = ({ group, pending, lag }) =>
  html`<li><${Foreign} text=${group} max=${60} />: ${known(number(pending))} pending, lag ${known(number(lag))}</li>`;

const COLUMNS = [
  {
    name: 'Topic',
    kind: 'key',
    by: each => each.topic,
    show: each =>
      html`<${Foreign} text=${each.topic} />${each.durable && html` <${Badge} grade="info">durable<//>`}`,
  },
  amount('Published', 'published', rate),
  amount('Received', 'received', rate),
  amount('Subscriptions', 'subscriptions'),
  amount('Queued', 'queued'),
  amount('Gaps', 'gaps'),
  amount('Missed', 'missed'),
  amount('Stored', 'stored'),
  {
    name: 'Groups',
    kind: 'wide',
    by: each => each.groups?.length,
    show: each =>
      each.groups?.length > 0
        ? html`<ul>${each.groups.map(group => html`<${Group} ...${group} />`)}</ul>`
        : NOTHING,
  },
];

/** Topics of the bus. */
export class Topics extends Component {
  render({ section: { topics, silent } }, { text = '' }) {
    const shown = topics.filter(({ topic }) => topic.toLowerCase().includes(text.toLowerCase()));
    return html`
      ${silent.length > 0 && html`<${Notice}>No answer in time from ${silent.length > 1 ? 'slots' : 'slot'} ${silent.join(', ')}: their part is missing.<//>`}
      <${Filter} label="Filter" value=${text} set=${value => this.setState({ text: value })} shown=${shown.length} all=${topics.length} noun="topics" />
      ${
        topics.length === 0
          ? html`<${Hint}>No topics. They appear when a worker subscribes or publishes.<//>`
          : html`<${Table} label="Topics" columns=${COLUMNS} rows=${shown} keyOf=${each => each.topic} gradeOf=${each => (each.missed > 0 ? 'warn' : '')} />`
      }
    `;
  }
}
