import { number, rate } from './format.js';
import { Component } from './preact.js';
import { amount, Badge, Filter, Foreign, Hint, html, known, NOTHING, Notice, Table } from './ui.js';

const Group = ({ group, pending, lag }) =>
  html`<li><${Foreign} text=${group} max=${60} />: ${known(number(pending))} pending, ${known(number(lag))} behind</li>`;

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
  amount('Queued', 'queued', number, { isQuiet: true, title: 'Events that wait for handlers' }),
  amount('Gaps', 'gaps', number, { isQuiet: true, title: 'Times at which events were lost' }),
  {
    ...amount('Missed', 'missed', number, { isQuiet: true, title: 'Events lost in all gaps' }),
    show: ({ missed }) =>
      missed > 0 ? html`<b class="due">${number(missed)}</b>` : known(number(missed)),
  },
  amount('Stored', 'stored', number, { title: 'Events of a durable topic' }),
  {
    name: 'Groups',
    kind: 'wide',
    title: 'Events that are handled, and events that nobody has read',
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
      ${silent.length > 0 && html`<${Notice}>No answer in time from ${silent.length > 1 ? 'slots' : 'slot'} ${silent.join(', ')}: ${silent.length > 1 ? 'their' : 'its'} part is missing.<//>`}
      <${Filter} label="Filter" value=${text} set=${value => this.setState({ text: value })} shown=${shown.length} all=${topics.length} noun="topics" />
      ${
        topics.length === 0
          ? html`<${Hint}>No topics. They appear when a worker subscribes or publishes.<//>`
          : html`<${Table} label="Topics" columns=${COLUMNS} rows=${shown} keyOf=${each => each.topic} gradeOf=${each => (each.missed > 0 ? 'warn' : '')} />`
      }
    `;
  }
}
