import { Agent, request } from 'node:http';
import type { Application } from './application.js';

/** A keep-alive connection, which stays with one worker. */
export class Line {
  /** Opens a connection to the worker of a slot. The application must have a route `/slot`. */
  static async to(app: Application, slot: number): Promise<Line> {
    for (;;) {
      const line = new Line(app);
      if (Number(await line.ask('/slot')) === slot) {
        return line;
      }
      line.close();
    }
  }

  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  private constructor(private readonly app: Application) {}

  ask(path: string, method: 'GET' | 'POST' = 'GET'): Promise<string> {
    return new Promise((resolve, reject) => {
      request(this.app.url(path), { method, agent: this.#agent }, response => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('error', reject).on('end', () => resolve(text));
      })
        .on('error', reject)
        .end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
