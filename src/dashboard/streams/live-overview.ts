import type { Overview, OverviewUpdate } from '../../overview/overview.interface.js';
import { eventText, type PageStream } from './page-stream.js';

/** Where the overview comes from. @internal */
export interface OverviewSource {
  /**
   * Calls the listener with all further updates.
   *
   * @returns a function that ends it
   */
  watch(listener: (update: OverviewUpdate) => void): () => void;
  snapshot(): Promise<Overview>;
}

/** An overview that is on its way to pages, and what has happened since it was requested. */
interface Beginning {
  readonly ready: Promise<{ readonly json: string; readonly since: readonly string[] }>;
  readonly updates: OverviewUpdate[];
}

/**
 * Sends the overview and its updates to all pages of this worker: each message is made once for all of them. Nothing is
 * requested while there is no page.
 *
 * @internal
 */
export class LiveOverview {
  readonly #pages = new Set<PageStream>();
  readonly #live = new Set<PageStream>();
  #beginning: Beginning | undefined;
  #unwatch: (() => void) | undefined;

  constructor(private readonly source: OverviewSource) {}

  /**
   * Sends the overview to a page, then all updates.
   *
   * @param addTo returns the first message, from the JSON of the overview
   * @throws the error of the source
   */
  async join(page: PageStream, addTo: (json: string) => string): Promise<void> {
    this.#pages.add(page);
    this.#unwatch ??= this.source.watch(update => this.#onUpdate(update));
    this.#beginning ??= this.#begin();
    const { json, since } = await this.#beginning.ready;
    if (this.#pages.has(page)) {
      page.send(eventText('overview', addTo(json)));
      since.forEach(text => page.send(text));
      this.#live.add(page);
    }
  }

  leave(page: PageStream): void {
    this.#live.delete(page);
    if (this.#pages.delete(page) && this.#pages.size === 0) {
      this.#unwatch?.();
      this.#unwatch = undefined;
      this.#beginning = undefined;
    }
  }

  #begin(): Beginning {
    const updates: OverviewUpdate[] = [];
    const ready = this.source.snapshot().then(overview => ({
      json: JSON.stringify(overview),
      since: updates.flatMap(update => newerThan(overview, update)).map(textOf),
    }));
    const beginning = { ready, updates };
    const end = (): void => {
      if (this.#beginning === beginning) {
        this.#beginning = undefined;
      }
    };
    ready.then(end, end);
    return beginning;
  }

  #onUpdate(update: OverviewUpdate): void {
    this.#beginning?.updates.push(update);
    if (this.#live.size > 0) {
      const text = textOf(update);
      this.#live.forEach(page => page.send(text));
    }
  }
}

function textOf(update: OverviewUpdate): string {
  return eventText('update', JSON.stringify(update));
}

/** Returns an update without the events that the overview has; nothing if the overview is newer. */
function newerThan(overview: Overview, update: OverviewUpdate): readonly OverviewUpdate[] {
  const last = overview.events.at(-1)?.sequence ?? 0;
  const events = update.events.filter(({ sequence }) => sequence > last);
  return update.at > overview.at || events.length > 0 ? [{ ...update, events }] : [];
}
