import { duration, number } from './format.js';
import { Component } from './preact.js';
import { Details, Foreign, html, Output } from './ui.js';

/**
 * Sends a request that changes something or reads a value. The header shows that no form of another site has sent it.
 *
 * @returns {Promise<Response>}
 * @throws {Error & { worker?: object }} with the message of the server
 */
export async function post(path, body) {
  let response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-cluster-dashboard': '1' },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error(
      'The connection ended before there was an answer. Whether it was done is not known.',
    );
  }
  if (response.ok) {
    return response;
  }
  const answer = await response.json().catch(() => ({}));
  const message = answer.message ?? `The server answered with status ${response.status}.`;
  throw Object.assign(new Error(message), { worker: answer.worker });
}

const json = async response => ({ answer: await response.json().catch(() => ({})) });

/** Offers a response as a file. */
async function download(response, name) {
  const url = URL.createObjectURL(await response.blob());
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** What each action asks, does, and says when it is done. */
export const ACTIONS = {
  reload: {
    title: () => 'Reload all workers?',
    ask: () =>
      'New workers start, one after the other. Old workers leave when their requests are answered. If a new worker fails, the old ones stay.',
    verb: 'Reload',
    done: ({ answer: { generation, duration: took } }) =>
      `All workers are of generation ${generation ?? 'unknown'}${took ? `, after ${duration(took)}` : ''}.`,
  },
  scale: {
    title: () => 'Change the number of workers?',
    ask: ({ wanted }) =>
      `${wanted} workers are wanted now. This lasts until the host is started again.`,
    verb: 'Scale',
    field: { name: 'workers', label: 'Workers', min: 1, max: 1_024, start: ({ wanted }) => wanted },
    done: ({ value }) => `${number(value)} workers are wanted now.`,
  },
  replace: {
    title: ({ slot }) => `Replace worker ${slot}?`,
    ask: () => 'A new worker starts. The old one leaves when its requests are answered.',
    verb: 'Replace',
    done: ({ slot }) => `Worker ${slot} has been replaced.`,
  },
  stack: {
    title: ({ slot, pid }) => `Take the stack of worker ${slot} (pid ${pid})?`,
    ask: () => 'It tells what the worker executes now, also if its event loop is blocked.',
    verb: 'Take the stack',
    done: ({ answer: { pid, overdue } }) =>
      `The stack of pid ${pid}${overdue ? `, which has been blocked for ${duration(overdue)}` : ''}:`,
  },
  profile: {
    title: ({ slot, pid }) => `Record a CPU profile of worker ${slot} (pid ${pid})?`,
    ask: () =>
      'The worker is a little slower while it is recorded. The file opens in the developer tools of Chromium.',
    verb: 'Record',
    field: { name: 'seconds', label: 'Seconds', min: 1, max: 300, start: () => 5 },
    read: async (response, { slot, pid }) => {
      await download(response, `worker-${slot}-${pid}.cpuprofile`);
      return {};
    },
    done: ({ slot }) => `The profile of worker ${slot} was downloaded.`,
  },
};

/** Asks before an action, and shows how it ends. It can be closed while the action goes on. */
export class ActionDialog extends Component {
  hold = element => {
    this.root = element;
  };

  state = { phase: 'ask', value: ACTIONS[this.props.name].field?.start(this.props) };

  componentDidMount() {
    this.root.showModal();
  }

  async run() {
    const { name, slot, pid, told } = this.props;
    const { field, read = json, done, title } = ACTIONS[name];
    const { value } = this.state;
    this.setState({ phase: 'busy', text: undefined, worker: undefined });
    try {
      // What is not defined is not part of the JSON.
      const body = { slot, pid, ...(field && { [field.name]: value }) };
      const result = {
        slot,
        value,
        ...(await read(await post(`actions/${name}`, body), this.props)),
      };
      this.setState({ phase: 'done', text: done(result), stack: result.answer?.stack });
      told(done(result));
    } catch (error) {
      this.setState({ phase: 'failed', text: error.message, worker: error.worker });
      told(`${title(this.props)} Failed: ${error.message}`);
    }
  }

  render(props, { phase, value, text, stack, worker }) {
    const { title, ask, verb, field } = ACTIONS[props.name];
    const isAsking = phase === 'ask' || phase === 'busy';
    const submit = event => {
      event.preventDefault();
      void this.run();
    };
    return html`
      <dialog ref=${this.hold} aria-labelledby="action" onClose=${props.closed}>
        <form onSubmit=${submit}>
          <h2 id="action">${isAsking ? title(props) : title(props).slice(0, -1)}</h2>
          ${isAsking && html`<p>${ask(props)}</p>`}
          ${
            isAsking &&
            field &&
            html`<label>${field.label} <input type="number" required min=${field.min} max=${field.max} value=${value} disabled=${phase === 'busy'}
            onInput=${event => this.setState({ value: event.target.valueAsNumber })} /></label>`
          }
          <div role="status">
            ${phase === 'busy' && html`<p>Under way …</p>`}
            ${text && html`<p class=${phase === 'failed' ? 'error' : ''}><${Foreign} text=${text} max=${2_000} /></p>`}
          </div>
          ${props.name === 'stack' && phase === 'done' && html`<${Output} label="Stack" text=${stack?.replace(/^ +/gm, '') ?? 'It has no JavaScript on its stack: it is idle, or did not answer.'} />`}
          ${worker && html`<${Details} label="Last output of worker ${worker.slot} (pid ${worker.pid})" text=${worker.lastOutput} />`}
          <p class="buttons">
            <button type="button" onClick=${() => this.root.close()}>${phase === 'ask' ? 'Cancel' : 'Close'}</button>
            ${phase !== 'done' && html`<button class="main" disabled=${phase === 'busy'}>${phase === 'failed' ? 'Try again' : verb}</button>`}
          </p>
        </form>
      </dialog>
    `;
  }
}
