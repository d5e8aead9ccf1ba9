import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Locator, Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Collects the violations of the policy of the page, and blocks longer than 50 ms. */
const OBSERVE = `
  globalThis.violations = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    violations.push(violatedDirective + ' ' + blockedURI));
`;

/** Somebody who reads the page of the dashboard in a browser. */
export class PageReader {
  static async open(
    browser: Browser,
    url: string,
    extraHTTPHeaders: Readonly<Record<string, string>> = {},
  ): Promise<PageReader> {
    const viewport = { width: 1280, height: 900 };
    const context = await browser.newContext({ viewport, extraHTTPHeaders });
    context.setDefaultTimeout(15_000);
    const reader = new PageReader(await context.newPage(), url);
    await reader.page.addInitScript(OBSERVE);
    return reader;
  }

  /** What the browser has reported: errors, and answers that are errors. */
  readonly problems: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly url: string,
  ) {
    page.on('pageerror', error => this.problems.push(String(error.stack)));
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning') {
        this.problems.push(message.text());
      }
    });
  }

  /** Loads the page anew, at one of its views. */
  async visits(view = 'workers'): Promise<void> {
    await this.page.goto('about:blank');
    this.problems.length = 0;
    await this.page.goto(`${this.url}#${view}`);
    await this.page.locator('.facts').waitFor();
  }

  async opens(view: string): Promise<void> {
    await this.page.getByRole('tab', { name: view }).click();
    await this.page.getByRole('tabpanel', { name: view }).waitFor();
  }

  /** Waits until a text is there. Spaces stand for any space. */
  async sees(text: string | RegExp, within = 'body'): Promise<void> {
    const hasText =
      typeof text === 'string'
        ? text
        : new RegExp(text.source.replaceAll(' ', String.raw`\s*`), text.flags);
    await this.page.locator(within).filter({ hasText }).first().waitFor();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }

  /** The texts of the elements. */
  async texts(selector: string): Promise<string[]> {
    return (await this.page.locator(selector).allInnerTexts()).map(text =>
      text.replace(/\s+/g, ' ').trim(),
    );
  }

  /** The violations that axe finds, each with the first element. */
  async violations(): Promise<string[]> {
    if (!(await this.page.evaluate<boolean>('"axe" in globalThis'))) {
      await this.page.evaluate(AXE);
    }
    return this.page.evaluate<string[]>(`
      axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
        violations.map(({ id, nodes }) => id + ': ' + nodes[0].html.slice(0, 200) + ' ' + nodes[0].failureSummary))
    `);
  }

  /** How many pixels the page is wider than the window. */
  async overflow(): Promise<number> {
    return this.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  }

  async policyViolations(): Promise<string[]> {
    return this.page.evaluate<string[]>('violations');
  }
}
