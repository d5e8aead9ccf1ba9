import { duration } from './format.js';
import { gradeOf } from './model.js';
import { Component } from './preact.js';
import { Details, Filter, Foreign, Hint, html, Select, Time } from './ui.js';

const endOf = ({ signal, code }) => (signal ? `by ${signal}` : `with code ${code}`);
const portOf = ({ address, port }) => (port === null ? address : `${address ?? '*'}:${port}`);

const TEXTS = {
  workerForked: () => 'was forked',
  workerOnline: () => 'has started Node',
  workerStandby: ({ bootTime }) => `is on standby after ${duration(bootTime)}`,
  workerListening: ({ address }) => `listens on ${portOf(address)}`,
  workerReady: ({ bootTime }) => `is ready after ${duration(bootTime)}`,
  workerDraining: ({ cause }) => `drains: ${cause}`,
  workerOutputPaused: ({ stream }) => `may stall: nobody reads its ${stream}`,
  workerOutputResumed: event =>
    `continues: nobody read its ${event.stream} for ${duration(event.duration)}`,
  workerDisconnected: () => 'has closed its channel',
  workerExited: event =>
    `has exited: ${event.reason}, ${endOf(event)}, up for ${duration(event.uptime)}`,
  reloadStarted: ({ generation }) => `reloads to generation ${generation}`,
  reloadFinished: event =>
    `has ended its reload: ${event.outcome}, after ${duration(event.duration)}`,
};

/** Returns what happened, as the rest of a sentence. A newer host may have further events. */
export const textOf = event => TEXTS[event.type]?.(event) ?? event.type;

/** Returns the worker or host of an event. */
export const subjectOf = event =>
  'slot' in event ? (event.slot < 0 ? 'Spare' : `Worker ${event.slot}`) : 'Host';

const KINDS = {
  all: ['All', () => true],
  bad: ['Failures', event => gradeOf(event) === 'bad'],
  reload: ['Reloads', event => event.type.startsWith('reload')],
  life: ['Starts and exits', event => ['workerReady', 'workerExited'].includes(event.type)],
};

/** So much of an error is shown at once. */
const SHORT = 240;

const matches = ({ event, error = '' }, text) =>
  `${subjectOf(event)} ${textOf(event)} pid ${event.pid} ${error} ${event.error ?? ''}`
    .toLowerCase()
    .includes(text);

/** Events, the newest first, in the true order: that of their sequence, not of their times. */
export class Timeline extends Component {
  state = { text: '', kind: 'all' };

  render({ model: { events, latest } }, { text, kind }) {
    const shown = events.filter(
      each => KINDS[kind][1](each.event) && matches(each, text.toLowerCase()),
    );
    return html`
      <${Filter} label="Filter" value=${text} set=${value => this.setState({ text: value })} shown=${shown.length} all=${events.length} noun="events">
        <${Select} label="Kind" value=${kind} set=${value => this.setState({ kind: value })} options=${Object.entries(KINDS).map(([key, [name]]) => [key, name])} />
      <//>
      ${shown.length === 0 && html`<${Hint}>No events.<//>`}
      <ol class="events" aria-label="Events, newest first">
        ${shown.toReversed().map(
          ({ sequence, event, error, lastOutput }) => html`
            <li key=${sequence} class=${gradeOf(event)}>
              <${Time} at=${event.at} now=${latest.at} />
              <b>${subjectOf(event)}</b>
              <div>
                <span class="what"><${Foreign} text=${textOf(event)} /></span>
                ${[error, event.error].map(line => line && html`<p class="error"><${Foreign} text=${line} max=${SHORT} /></p><${Details} label="Whole error" text=${line.length > SHORT && line} />`)}
                <${Details} label="Last output" text=${lastOutput} />
              </div>
              <small>#${sequence} · generation ${event.generation} · pid ${event.pid}</small>
            </li>
          `,
        )}
      </ol>
    `;
  }
}
