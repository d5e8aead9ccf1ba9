import { ActionDialog } from './actions.js';
import { isShown, ReloadBanner } from './banner.js';
import { Connections } from './connections.js';
import { Fleet } from './fleet.js';
import { duration, number } from './format.js';
import { Jobs } from './jobs.js';
import { conditionOf, EMPTY, withMessage } from './model.js';
import { Component, render } from './preact.js';
import { State } from './state.js';
import { connect } from './stream.js';
import { Timeline } from './timeline.js';
import { Topics } from './topics.js';
import { Badge, Foreign, Hint, html, Notice } from './ui.js';
import { Workers } from './workers.js';

/** The panes by the names of their views. */
const PANES = { Workers, Timeline, State, Topics, Jobs, Connections, Fleet };
const TABS = Object.keys(PANES).map(name => ({ name, view: name.toLowerCase() }));
const WITHOUT_SECTION = new Set(['workers', 'timeline']);
const OLD = 5_000;
const THEMES = { auto: 'light', light: 'dark', dark: 'auto' };
const REFUSALS = {
  401: 'You are not signed in any more.',
  403: 'You may not see this page any more.',
  404: 'The dashboard is not here any more.',
};

const viewOf = hash => TABS.find(({ view }) => `#${view}` === hash)?.view ?? 'workers';

/** The state of the connection, and the age of what the page shows. */
class Connection extends Component {
  componentDidMount() {
    this.timer = setInterval(() => this.setState({}), 1_000);
  }

  componentWillUnmount() {
    clearInterval(this.timer);
  }

  componentDidUpdate() {
    document.body.classList.toggle('old', this.age() > OLD);
  }

  age = () => (this.props.receivedAt > 0 ? performance.now() - this.props.receivedAt : 0);

  render({ link }) {
    const age = this.age();
    const isOld = age > OLD;
    const isLive = link === 'live' && !isOld;
    return html`
      <span role="status"><${Badge} grade=${isLive ? 'good' : link === 'refused' ? 'bad' : 'warn'}>
        ${isLive ? 'live' : link === 'live' ? 'no news' : link}
      <//></span>
      ${isOld && html`<span class="badge warn old">data is ${duration(Math.floor(age / 1_000) * 1_000)} old</span>`}
    `;
  }
}

/** The host, the connection, and what can be done with the host. */
function Header({ latest, link, receivedAt, theme, setTheme, act }) {
  const { host, namespace, version, self, actions } = latest;
  const isWhole = host.ready >= host.wanted;
  const facts = [
    [
      'Ready',
      html`<${Badge} grade=${isWhole ? 'good' : host.ready > 0 ? 'warn' : 'bad'}>${host.ready} of ${host.wanted}<//>`,
    ],
    ['Generation', host.generation],
    ['Host up', duration(host.uptime)],
    [self.mode === 'single' ? 'Process' : 'Primary', `pid ${host.pid}`, 'minor'],
    [
      'This page from',
      self.mode === 'single' ? 'single mode' : `worker ${self.slot}, pid ${self.pid}`,
      'minor',
    ],
    ['nestjs-cluster', html`<${Foreign} text=${version} max=${40} />`, 'minor'],
  ];
  return html`
    <header class="top">
      <h1><${Foreign} text=${namespace} max=${60} /></h1>
      <div class="link">
        ${host.state === 'stopping' && html`<${Badge} grade="warn">stopping<//>`}
        <${Connection} ...${{ link, receivedAt }} />
      </div>
      <dl class="facts">${facts.map(([name, value, kind]) => html`<div class=${kind}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
      <div class="buttons">
        ${actions.includes('reload') && html`<button onClick=${() => act('reload')}>Reload …</button>`}
        ${actions.includes('scale') && html`<button onClick=${() => act('scale')}>Scale …</button>`}
        <button class="plain" onClick=${setTheme} aria-label="Theme: ${theme}. Change to ${THEMES[theme]}" >◐ <span class="minor">Theme: </span>${theme}</button>
      </div>
    </header>
  `;
}

/** What is wrong in a section, as far as it is known: a number, and what it counts. */
const MARKS = {
  topics: ({ topics }) => [topics.reduce((sum, { missed }) => sum + missed, 0), 'missed'],
  jobs: ({ jobs }) => [jobs.filter(({ lastRun }) => lastRun?.result === 'failed').length, 'failed'],
  fleet: ({ hosts = [] }) => [hosts.filter(({ health }) => health === 'down').length, 'down'],
};

/** The marks of the tabs. */
function marksOf({ latest, sections }) {
  const blocked = latest?.workers.filter(each => conditionOf(each) === 'blocked') ?? [];
  const marks = {
    workers:
      blocked.length === 1
        ? `worker ${blocked[0].slot} blocked`
        : blocked.length > 1 && `${blocked.length} blocked`,
    timeline: latest?.reload?.phase === 'failed' && 'reload failed',
  };
  for (const [view, read] of Object.entries(MARKS)) {
    const [count, what] = sections[view] ? read(sections[view]) : [0];
    marks[view] = count > 0 && `${number(count)} ${what}`;
  }
  return marks;
}

class Tabs extends Component {
  componentDidMount() {
    this.componentDidUpdate();
  }

  /** On narrow pages, the tabs are wider than the page. */
  componentDidUpdate() {
    const { view, marks } = this.props;
    const shown = [view, ...Object.values(marks)].join();
    if (shown !== this.shown) {
      this.shown = shown;
      const tab = document.querySelector(`#tab-${view}`);
      tab.parentNode.scrollLeft = tab.offsetLeft - innerWidth / 3;
    }
  }

  move(event) {
    const views = TABS.map(({ view }) => view);
    const place = views.indexOf(this.props.view);
    const moves = {
      ArrowRight: place + 1,
      ArrowLeft: place - 1 + views.length,
      Home: 0,
      End: views.length - 1,
    };
    if (event.key in moves) {
      event.preventDefault();
      const view = views[moves[event.key] % views.length];
      this.props.choose(view);
      document.querySelector(`#tab-${view}`).focus();
    }
  }

  render({ view, choose, marks }) {
    return html`
      <div class="tabs" role="tablist" aria-label="Views" onKeyDown=${event => this.move(event)}>
        ${TABS.map(
          ({ view: id, name }) => html`
          <button id="tab-${id}" role="tab" aria-selected=${String(id === view)} aria-controls="panel" tabindex=${id === view ? 0 : -1} onClick=${() => choose(id)}>
            ${name}${marks[id] && html` <span class="mark" title=${id in MARKS ? 'When this view was last open' : undefined}>${marks[id]}</span>`}
          </button>`,
        )}
      </div>
    `;
  }
}

class App extends Component {
  state = {
    model: EMPTY,
    link: 'connecting',
    view: viewOf(location.hash),
    theme: document.documentElement.dataset.theme,
  };

  componentDidMount() {
    this.open();
    addEventListener('hashchange', () => this.choose(viewOf(location.hash)));
    // Nobody looks: the page costs the server nothing.
    addEventListener('visibilitychange', () => (document.hidden ? this.close() : this.open()));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.forceUpdate());
  }

  close() {
    this.disconnect?.();
    this.disconnect = undefined;
  }

  open() {
    this.close();
    this.disconnect = connect(this.state.view, {
      message: (name, data) =>
        this.setState(({ model, loadedVersion }) => ({
          model: withMessage(model, name, data, performance.now()),
          loadedVersion: loadedVersion ?? data.version,
          link: 'live',
        })),
      lost: () =>
        this.setState(({ model }) => ({ link: model.latest ? 'reconnecting' : 'connecting' })),
      refused: status => this.setState({ link: 'refused', status }),
    });
  }

  componentDidUpdate() {
    const { host, namespace } = this.state.model.latest ?? {};
    document.title = host ? `${host.ready}/${host.wanted} ${namespace}` : 'Cluster';
  }

  choose(view) {
    if (view !== this.state.view) {
      history.replaceState(null, '', `${location.pathname}${location.search}#${view}`);
      this.setState({ view }, () => this.open());
    }
  }

  setTheme = () => {
    const theme = THEMES[this.state.theme];
    document.documentElement.dataset.theme = theme;
    this.setState({ theme });
    try {
      localStorage.setItem('nestjs-cluster-theme', theme);
    } catch {
      // The storage may be forbidden: then the theme lasts as long as the page.
    }
  };

  act = (name, target) => this.setState({ action: { name, ...target }, told: '' });

  panel({ model, view }) {
    const Pane = PANES[TABS.find(tab => tab.view === view).name];
    const section = model.sections[view];
    if (!model.latest || (!section && !WITHOUT_SECTION.has(view))) {
      return html`<${Hint}>${model.latest ? 'Loading' : 'Connecting'} …<//>`;
    }
    const theme = `${this.state.theme} ${matchMedia('(prefers-color-scheme: dark)').matches}`;
    return html`<${Pane} key=${view} ...${{ model, section, theme }} now=${model.latest.at} act=${this.act} />`;
  }

  render(_, { model, link, view, theme, status, loadedVersion, action, told, dismissed }) {
    const { latest } = model;
    const again = html`<a href=${location.href} onClick=${event => {
      event.preventDefault();
      location.reload();
    }}>Reload the page</a>`;
    return html`
      ${latest ? html`<${Header} ...${{ latest, link, theme, receivedAt: model.receivedAt, setTheme: this.setTheme, act: this.act }} />` : html`<header class="top"><h1>Cluster</h1></header>`}
      <main>
        ${link === 'refused' && html`<${Notice} grade="bad">${REFUSALS[status]} ${latest ? 'What you see is old. ' : ''}${again}<//>`}
        ${latest && latest.version !== loadedVersion && html`<${Notice} grade="info">nestjs-cluster ${latest.version} serves this page now. ${again}, so that it fits.<//>`}
        ${isShown(latest?.reload ?? null, latest?.at) && dismissed !== latest.reload.startedAt && html`<${ReloadBanner} reload=${latest.reload} now=${latest.at} dismiss=${() => this.setState({ dismissed: latest.reload.startedAt })} />`}
        <${Tabs} ...${{ view }} choose=${id => this.choose(id)} marks=${marksOf(model)} />
        <div id="panel" class="panel" role="tabpanel" aria-labelledby="tab-${view}" tabindex="0">${this.panel({ model, view })}</div>
      </main>
      ${action && html`<${ActionDialog} key=${`${action.name} ${action.slot}`} ...${action} wanted=${latest.host.wanted} told=${text => this.setState({ told: text })} closed=${() => this.setState({ action: undefined })} />`}
      <p class="hidden" role="status" aria-live="polite">${told}</p>
    `;
  }
}

document.body.replaceChildren();
render(html`<${App} />`, document.body);
