import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { PATIENCE } from './ticket-office.js';

const SCREENSHOTS = fileURLToPath(new URL('../../.test-build/screenshots/', import.meta.url));

/** Simulates hiding or showing the tab. A headless browser has no window that could cover it. */
const showOrHide = (hidden: boolean) => `
  Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
`;

/** Records the current text of an element, and each text that replaces it. */
const takeNotes = (selector: string) => `
  (() => {
    const node = document.querySelector(${JSON.stringify(selector)});
    const notes = [node.textContent];
    const observer = new MutationObserver(() => notes.push(node.textContent));
    observer.observe(node, { childList: true, characterData: true, subtree: true });
    return notes;
  })()
`;

/** A visitor who has opened the page in a separate browser context. */
export class Visitor {
  static async open(browser: Browser, url: string): Promise<Visitor> {
    // Contexts share no storage and no connections.
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(PATIENCE);
    const visitor = new Visitor(await context.newPage());
    await visitor.page.goto(url);
    return visitor;
  }

  /** The problems that the browser reported. */
  readonly problems: string[] = [];
  readonly uncaught: string[] = [];
  loads = 0;

  private constructor(readonly page: Page) {
    page.on('load', () => this.loads++);
    page.on('pageerror', error => this.uncaught.push(String(error)));
    page.on('pageerror', error => this.problems.push(String(error)));
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning') {
        this.problems.push(`console: ${message.text()}`);
      }
    });
    page.on('requestfailed', request => {
      const why = request.failure()?.errorText;
      // The page aborts slow requests itself, for example on a busy machine.
      if (why !== 'net::ERR_ABORTED') {
        this.problems.push(`${request.url()}: ${why}`);
      }
    });
    page.on('response', response => {
      if (!response.ok()) {
        this.problems.push(`${response.url()}: ${response.status()}`);
      }
    });
  }

  async clicks(selector: string): Promise<void> {
    await this.page.click(selector);
  }

  /**
   * Waits until the text is on the page.
   *
   * @param timeout in ms
   */
  async sees(selector: string, text: string | RegExp, timeout = 30_000): Promise<void> {
    await this.page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout });
  }

  /** Records the texts of an element from now on. The returned function resolves with those recorded so far. */
  async notes(selector: string): Promise<() => Promise<string[]>> {
    const notes = await this.page.evaluateHandle<string[]>(takeNotes(selector));
    return () => notes.jsonValue();
  }

  /** Hides the page, as a switch to another tab does. Resolves when the stream of the page has ended. */
  async looksAway(): Promise<void> {
    const ended = this.page.waitForEvent('requestfailed', request =>
      request.url().endsWith('/live'),
    );
    await this.page.evaluate(showOrHide(true));
    await ended;
  }

  async looksAgain(): Promise<void> {
    await this.page.evaluate(showOrHide(false));
  }

  /** The worker that holds the stream of this visitor. */
  async teller(): Promise<{ slot: number; pid: number }> {
    const told = await this.page.locator('#sales [data-field="via"]').textContent();
    const [, slot, pid] = /slot (\d+), pid (\d+)/.exec(told ?? '') ?? [];
    return { slot: Number(slot), pid: Number(pid) };
  }

  async takesAPicture(name: string): Promise<void> {
    await mkdir(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: `${SCREENSHOTS}${name}`, fullPage: true });
  }
}
