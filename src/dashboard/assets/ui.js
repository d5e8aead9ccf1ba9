import { duration, fullTime, number, time, visible } from './format.js';
import htm from './htm.js';
import { Component, h } from './preact.js';

/** Templates of elements. What they contain is text, never markup. */
export const html = htm.bind(h);

/** A text, or that it is unknown, and why. */
export const known = (text, why) =>
  text ??
  html`<span class="unknown" role="img" aria-label=${why ? `unknown: ${why}` : 'unknown'} title=${why ?? 'unknown'}>?</span>`;

const LONG = 160;

/** Text that others have chosen: a topic, a key, an error. */
export function Foreign({ text, max = LONG }) {
  const whole = visible(text ?? '');
  return whole.length > max
    ? html`<bdi title=${whole.slice(0, 2_000)}>${whole.slice(0, max)}…</bdi>`
    : html`<bdi>${whole}</bdi>`;
}

/** Output of a process. */
export const Output = ({ text, label }) =>
  html`<pre tabindex="0" role="region" aria-label=${label}><bdi>${visible(text, { lines: true })}</bdi></pre>`;

/** Something long that opens on demand. */
export const Details = ({ label, text }) =>
  text
    ? html`<details><summary>${label}</summary><${Output} ...${{ text, label }} /></details>`
    : null;

/** A time, in the zone of the viewer. */
export const Time = ({ at, now }) =>
  html`<time datetime=${new Date(at).toISOString()} title=${fullTime(at)}>${time(at, now)}</time>`;

/** How long ago a time is. */
export const Ago = ({ at, now }) => {
  const away = Math.round(Math.abs(now - at) / 1_000) * 1_000;
  const text =
    away === 0 ? 'just now' : now > at ? `${duration(away)} ago` : `in ${duration(away)}`;
  return html`<time datetime=${new Date(at).toISOString()} title=${fullTime(at)}>${text}</time>`;
};

/** A state with its colour. */
export const Badge = ({ grade = 'plain', children, title }) =>
  html`<span class="badge ${grade}" title=${title}>${children}</span>`;

/** What a pane says in place of its content. */
export const Hint = ({ children }) => html`<p class="hint">${children}</p>`;

export const Notice = ({ grade = 'warn', children }) =>
  html`<div class="notice ${grade}">${children}</div>`;

/** The fields above a list. `fields` are inputs or selects. */
export const Filter = ({ label, value, set, children, shown, all, noun }) => html`
  <div class="filter">
    <label>${label} <input type="search" value=${value} onInput=${event => set(event.target.value)} /></label>
    ${children}
    <span class="count" role="status">${shown === all ? `${all} ${noun}` : `${shown} of ${all} ${noun}`}</span>
  </div>
`;

export const Select = ({ label, value, set, options }) => html`
  <label>
    ${label}${' '}
    <select value=${value} onChange=${event => set(event.target.value)}>
      ${options.map(([key, text]) => html`<option value=${key} selected=${key === value}>${text}</option>`)}
    </select>
  </label>
`;

const CHUNK = 20;
/** So many rows are all in the document. */
const FEW = 40;

/** About the height of a row, or of a card on narrow pages. */
const rowHeight = () => (matchMedia('(max-width: 62rem)').matches ? 125 : 36);

const nearby = new IntersectionObserver(
  entries => entries.forEach(({ target, isIntersecting }) => target.chunk.near(isIntersecting)),
  { rootMargin: '600px 0px' },
);

/** Rows that are in the document only while they are near the visible part of the page. */
class Chunk extends Component {
  state = { isNear: this.props.first === 0 || this.props.count <= FEW };

  hold = element => {
    this.root = element;
  };

  componentDidMount() {
    this.root.chunk = this;
    nearby.observe(this.root);
  }

  componentWillUnmount() {
    nearby.unobserve(this.root);
  }

  near(isNear) {
    const stays = this.props.count <= FEW || this.root.contains(document.activeElement);
    if (isNear !== this.state.isNear && (isNear || !stays)) {
      this.height = this.root.offsetHeight;
      this.setState({ isNear });
    }
  }

  render({ rows, columns, first, keyOf, gradeOf, rowProps }, { isNear }) {
    if (!isNear) {
      const height = this.height || rows.length * rowHeight();
      return html`<tbody ref=${this.hold} role="rowgroup"><tr role="row" class="away"><td role="cell" colspan=${columns.length} style=${{ height: `${height}px` }}></td></tr></tbody>`;
    }
    return html`<tbody ref=${this.hold} role="rowgroup">${rows.map(
      (row, index) => html`
        <tr key=${keyOf(row)} role="row" aria-rowindex=${first + index + 2} class=${gradeOf?.(row)} ...${rowProps?.(row)}>
          ${columns.map((column, place) => cell(column, row, place))}
        </tr>
      `,
    )}</tbody>`;
  }
}

/** What a cell shows that does not apply to its row. Cards leave it out. */
export const NOTHING = '–';

/** A column of numbers, or of what `format` makes of them. */
export const amount = (name, key, format = number, more) => ({
  name,
  kind: 'num',
  by: each => each[key],
  show: each => (each[key] === undefined ? NOTHING : known(format(each[key]))),
  ...more,
});

function cell({ name, kind = '', show, isQuiet }, row, place) {
  const content = show(row);
  const isNothing = content === NOTHING || (isQuiet && content === '0');
  return place === 0
    ? html`<th scope="row" role="rowheader" class=${kind} data-name=${name}>${content}</th>`
    : html`<td role="cell" class="${kind}${isNothing ? ' nothing' : ''}" data-name=${name}>${content}</td>`;
}

/**
 * A table that becomes a list of cards on narrow pages; therefore the explicit roles. Columns with `by` can be sorted;
 * otherwise, rows with the grades `bad` and `warn` come first. `gradeOf` and `rowProps` return the class and further properties of a row.
 */
export class Table extends Component {
  state = { by: -1, down: false };

  sortBy(place) {
    const { by, down } = this.state;
    this.setState({
      by: place,
      down: by === place ? !down : this.props.columns[place]?.kind === 'num',
    });
  }

  render({ label, columns, rows, ...others }, { by, down }) {
    const rank = row => ['bad', 'warn'].indexOf(others.gradeOf?.(row)) + 1 || 3;
    const order = columns[by]?.by
      ? comparing(columns[by].by, down)
      : (one, other) => rank(one) - rank(other);
    const sorted = rows.toSorted(order);
    const chunks = [];
    for (let first = 0; first < sorted.length; first += CHUNK) {
      chunks.push(
        html`<${Chunk} key=${first} ...${{ columns, first, count: rows.length, ...others }} rows=${sorted.slice(first, first + CHUNK)} />`,
      );
    }
    const choices = columns.map(({ name, by: sorts }, place) => sorts && [String(place), name]);
    return html`
      <div class="order"><${Select} label="Sort by" value=${String(by)} set=${place => this.sortBy(Number(place))} options=${[['-1', 'Most urgent'], ...choices.filter(Boolean)]} /></div>
      <table role="table" aria-label=${label} aria-rowcount=${rows.length + 1}>
        <thead role="rowgroup">
          <tr role="row">
            ${columns.map(({ name, kind, by: sorts, hides, title }, place) => {
              const sorting = by === place ? (down ? 'descending' : 'ascending') : undefined;
              const text = hides ? html`<span class="hidden">${name}</span>` : name;
              return html`<th scope="col" role="columnheader" class=${kind} title=${title} aria-sort=${sorting}>
                ${sorts ? html`<button class="sort" onClick=${() => this.sortBy(place)}>${text}</button>` : text}
              </th>`;
            })}
          </tr>
        </thead>
        ${chunks}
      </table>
    `;
  }
}

/** Unknown values come last. */
function comparing(by, down) {
  return (one, other) => {
    const [a, b] = [by(one) ?? null, by(other) ?? null];
    if (a === null || b === null) {
      return (a === null) - (b === null);
    }
    const order = typeof a === 'string' ? a.localeCompare(b) : a - b;
    return down ? -order : order;
  };
}
