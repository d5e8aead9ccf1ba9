import { time } from './format.js';
import { peaksOf } from './model.js';
import { Component } from './preact.js';
import { html } from './ui.js';
import UPlot from './uplot.js';

const LONGEST = 900_000;
const SHORTEST = 120_000;
const PARTS = 45;

/** Milliseconds between two times of the axis. */
const STEPS = [30_000, 60_000, 120_000, 300_000];

/** The time that a plot shows: the last 15 minutes, or since the host was started. */
const span = (_, min, max) => [Math.max(max - LONGEST, Math.min(min, max - SHORTEST)), max];

/** Times of day; with seconds only if they differ. */
const clock = (_, times) =>
  times.map(at =>
    times[1] - times[0] < 60_000 ? time(at) : time(at).replace(/:\d\d(?=\D*$)/, ''),
  );

/** The colour of the line of a slot, never red or green, which mean bad and good. Neighbours differ most. */
export function colorOf(slot) {
  const angle = (((slot + 1) * 0.618) % 1) * 260;
  const hue = Math.round(angle < 80 ? angle + 45 : angle + 95);
  return `light-dark(oklch(0.55 0.14 ${hue}), oklch(0.76 0.12 ${hue}))`;
}

/** Lines on a canvas, one for each slot, over the last 15 minutes. `label` says in words what they show. */
export class Plot extends Component {
  hold = element => {
    this.root = element;
  };

  componentDidMount() {
    this.resized = new ResizeObserver(() => this.plot?.setSize(this.size()));
    this.resized.observe(this.root);
    this.create();
  }

  componentDidUpdate({ columns, theme, focus }) {
    if (focus !== this.props.focus) {
      const series =
        this.props.focus < 0 || this.props.focus === null ? null : this.props.focus + 1;
      this.plot.setSeries(series, { focus: true });
    }
    if (columns.length !== this.props.columns.length || theme !== this.props.theme) {
      this.create();
    } else if (columns !== this.props.columns) {
      clearTimeout(this.timer);
      // The page can answer its user between two plots.
      this.timer = setTimeout(() => this.plot.setData(this.props.columns), 40 * this.props.place);
    }
  }

  componentWillUnmount() {
    clearTimeout(this.timer);
    this.resized.disconnect();
    this.plot.destroy();
  }

  size = () => ({ width: this.root.clientWidth, height: this.root.clientHeight });

  /** The canvas knows no variables of CSS. */
  color(text) {
    this.root.style.color = text;
    const { color } = getComputedStyle(this.root);
    this.root.style.color = '';
    return color;
  }

  create() {
    this.plot?.destroy();
    const { columns, format, readout } = this.props;
    const muted = this.color('var(--muted)');
    const grid = { stroke: this.color('var(--edge)'), width: 1 };
    const axis = { stroke: muted, grid, ticks: { show: false }, font: '11px system-ui' };
    let near = -1;
    const tell = ({ cursor: { idx }, data }) => {
      const value =
        near >= 0 && typeof idx === 'number' ? format(data[near + 1]?.[idx]) : undefined;
      readout(
        value === undefined ? '' : `slot ${near}: ${value ?? 'unknown'} at ${time(data[0][idx])}`,
      );
    };
    const options = {
      ...this.size(),
      ms: 1,
      padding: [8, 16, 0, 0],
      legend: { show: false },
      focus: { alpha: 0.25 },
      cursor: { drag: { x: false }, y: false, focus: { prox: 1_000 }, points: { size: 5 } },
      scales: {
        x: { range: span },
        y: { range: (_, __, max) => [0, (max || 1) * 1.1] },
      },
      axes: [
        {
          ...axis,
          size: 22,
          space: 60,
          incrs: STEPS,
          values: clock,
        },
        { ...axis, size: 52, space: 28, values: (_, values) => values.map(format) },
      ],
      series: [
        {},
        ...columns.slice(1).map((_, slot) => ({
          stroke: this.color(colorOf(slot)),
          width: columns.length > 17 ? 1 : 1.5,
          points: { show: false },
        })),
      ],
      hooks: {
        setCursor: [tell],
        setSeries: [
          (plot, series) => {
            near = (series ?? 0) - 1;
            tell(plot);
          },
        ],
      },
    };
    this.plot = new UPlot(options, columns, this.root);
  }

  render({ label }) {
    return html`<div ref=${this.hold} class="plot" role="img" aria-label=${label}></div>`;
  }
}

/** A line without axes; what it shows stands beside it as a number. */
export class Spark extends Component {
  shouldComponentUpdate({ history, slot }) {
    return history !== this.props.history || slot !== this.props.slot;
  }

  render({ history, slot, metric }) {
    const values = peaksOf(history, slot, metric, PARTS);
    const top = Math.max(...values, 0) || 1;
    let path = '';
    values.forEach((value, x) => {
      if (value !== null) {
        const isFirst = path === '' || values[x - 1] === null;
        path += `${isFirst ? 'M' : 'L'}${x} ${(15 - (14 * value) / top).toFixed(1)}`;
      }
    });
    return html`
      <svg class="spark" viewBox="0 0 ${values.length - 1 || 1} 16" preserveAspectRatio="none" aria-hidden="true">
        <path d=${path} style=${{ stroke: colorOf(slot) }} />
      </svg>
    `;
  }
}
