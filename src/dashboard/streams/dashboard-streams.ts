import type { Clock } from '../../system/time/clock.js';
import type { DashboardView, SectionView } from '../page-messages.js';
import { LiveOverview, type OverviewSource } from './live-overview.js';
import { LiveSection, type SectionSource } from './live-section.js';
import { KEEP_ALIVE, type PageStream } from './page-stream.js';

/** Milliseconds between two comments. */
const KEEP_ALIVE_INTERVAL = 15_000;

/** What goes wrong with a stream. @internal */
export interface StreamFailures {
  /** Called for the first of several failures one after the other. */
  onOverviewFailed(error: unknown): void;
  /** Called for the first failure of each view. */
  onSectionFailed(view: string, error: unknown): void;
}

/**
 * The streams of all pages that are open in this worker.
 *
 * @internal
 */
export class DashboardStreams {
  readonly #pages = new Set<PageStream>();
  readonly #overview: LiveOverview;
  readonly #sections = new Map<DashboardView, LiveSection>();
  readonly #failed = new Set<string>();
  #isEnded = false;
  /** Whether the last overview could not be had: all pages try again, and each would be told. */
  #hasOverviewFailed = false;
  #stopKeepAlive: (() => void) | undefined;

  constructor(
    overview: OverviewSource,
    sections: Readonly<Record<SectionView, SectionSource>>,
    private readonly clock: Pick<Clock, 'after'>,
    private readonly failures: StreamFailures,
  ) {
    this.#overview = new LiveOverview(overview);
    for (const [view, source] of Object.entries(sections) as [SectionView, SectionSource][]) {
      const onFailed = (error: unknown): void => this.#onSectionFailed(view, error);
      this.#sections.set(view, new LiveSection(view, source, clock, onFailed));
    }
  }

  /** The number of open pages. */
  get size(): number {
    return this.#pages.size;
  }

  /**
   * Sends a page what its view shows, until its stream is closed, or ends because there is no overview.
   *
   * @param addTo returns the first message, from the JSON of the overview
   */
  open(page: PageStream, view: DashboardView, addTo: (json: string) => string): void {
    if (this.#isEnded) {
      page.end();
      return;
    }
    const section = this.#sections.get(view);
    this.#pages.add(page);
    this.#stopKeepAlive ??= this.#keepAlive();
    page.onClosed(() => {
      this.#overview.leave(page);
      section?.leave(page);
      this.#leave(page);
    });
    if (!this.#pages.has(page)) {
      return;
    }
    this.#overview.join(page, addTo).then(
      () => this.#onOverview(page, section),
      (error: unknown) => this.#onOverviewFailed(page, error),
    );
  }

  /** Ends all streams, and those that are opened afterwards. */
  end(): void {
    this.#isEnded = true;
    this.#pages.forEach(page => page.end());
  }

  #leave(page: PageStream): void {
    this.#pages.delete(page);
    if (this.#pages.size === 0) {
      this.#stopKeepAlive?.();
      this.#stopKeepAlive = undefined;
    }
  }

  #keepAlive(): () => void {
    let cancel: () => void;
    const next = (): void => {
      cancel = this.clock.after(KEEP_ALIVE_INTERVAL, () => {
        this.#pages.forEach(page => page.send(KEEP_ALIVE));
        next();
      });
    };
    next();
    return () => cancel();
  }

  #onOverview(page: PageStream, section: LiveSection | undefined): void {
    this.#hasOverviewFailed = false;
    if (this.#pages.has(page)) {
      section?.join(page);
    }
  }

  #onOverviewFailed(page: PageStream, error: unknown): void {
    if (!this.#pages.has(page)) {
      return;
    }
    if (!this.#hasOverviewFailed) {
      this.#hasOverviewFailed = true;
      this.failures.onOverviewFailed(error);
    }
    page.end();
  }

  #onSectionFailed(view: string, error: unknown): void {
    if (!this.#failed.has(view)) {
      this.#failed.add(view);
      this.failures.onSectionFailed(view, error);
    }
  }
}
