import { within } from '../../system/async/within.js';
import type { Clock } from '../../system/time/clock.js';
import { eventText, type PageStream } from './page-stream.js';

/** Milliseconds that a section may take. Whatever it asks answers sooner, or fails. */
const PATIENCE = 15_000;

/** What the pages of a view show beside the overview. @internal */
export interface SectionSource {
  /** Milliseconds between two looks. */
  readonly interval: number;
  readonly look: () => Promise<unknown>;
}

/**
 * Sends the section of a view to all pages of this worker that show the view, when it has changed. It is made once for all
 * of them, and not while there is none.
 *
 * @internal
 */
export class LiveSection {
  readonly #pages = new Set<PageStream>();
  #last: string | undefined;
  #stop: (() => void) | undefined;

  /** @param onFailed called if the section cannot be made */
  constructor(
    private readonly view: string,
    private readonly source: SectionSource,
    private readonly clock: Pick<Clock, 'after'>,
    private readonly onFailed: (error: unknown) => void,
  ) {}

  join(page: PageStream): void {
    this.#pages.add(page);
    if (this.#last !== undefined) {
      page.send(this.#last);
    }
    this.#stop ??= this.#begin();
  }

  leave(page: PageStream): void {
    if (this.#pages.delete(page) && this.#pages.size === 0) {
      this.#stop?.();
      this.#stop = undefined;
      this.#last = undefined;
    }
  }

  /** Looks again and again. Returns a function that ends it. */
  #begin(): () => void {
    let isOver = false;
    let cancel: (() => void) | undefined;
    const look = async (): Promise<void> => {
      const text = await this.#text();
      if (!isOver) {
        this.#send(text);
        cancel = this.clock.after(this.source.interval, () => void look());
      }
    };
    void look();
    return () => {
      isOver = true;
      cancel?.();
    };
  }

  #send(text: string | undefined): void {
    if (text !== undefined && text !== this.#last) {
      this.#last = text;
      this.#pages.forEach(page => page.send(text));
    }
  }

  /** Never rejects. */
  async #text(): Promise<string | undefined> {
    const { view, source } = this;
    try {
      const section = await within(PATIENCE, source.look(), () => {
        throw new Error(`no answer within ${PATIENCE} ms`);
      });
      return eventText('section', JSON.stringify({ view, section }));
    } catch (error) {
      this.onFailed(error);
      return undefined;
    }
  }
}
