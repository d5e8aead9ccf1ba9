import type { ServiceClient } from '../../ipc/primary-service.interface.js';
import { printableError } from '../../system/text/printable.js';
import type { TextFormat } from '../content-types.js';
import type { MetricsAddress } from '../metrics.protocol.js';
import { MetricsServer } from './metrics-server.js';

/**
 * The ports of the primary for scrapers. After a reload with another port or path, the former one remains until the last
 * worker that wants it has exited: the reload may fail. If no worker runs, the last ones remain.
 *
 * @internal
 */
export class MetricsPorts {
  readonly #servers = new Map<string, MetricsServer>();
  readonly #wanted = new Map<ServiceClient, MetricsAddress>();
  readonly #exited = new WeakSet<ServiceClient>();
  #opening: Promise<string | undefined> = Promise.resolve(undefined);

  /** @param text returns the metrics */
  constructor(private readonly text: (format: TextFormat) => Promise<string>) {}

  /** Opens the port that a worker wants, unless it is open. Resolves with the reason if it cannot be opened. */
  open(client: ServiceClient, address: MetricsAddress): Promise<string | undefined> {
    this.#opening = this.#opening.then(() => this.#open(client, address));
    return this.#opening;
  }

  onExited(client: ServiceClient): void {
    this.#exited.add(client);
    this.#closeUnwanted();
  }

  close(): void {
    this.#wanted.clear();
    this.#servers.forEach(server => server.close());
    this.#servers.clear();
  }

  async #open(client: ServiceClient, address: MetricsAddress): Promise<string | undefined> {
    const key = keyOf(address);
    if (!this.#servers.has(key)) {
      const server = new MetricsServer(address, path => this.#isWanted(key, path), this.text);
      try {
        await server.listen();
      } catch (error) {
        return printableError(error);
      }
      this.#servers.set(key, server);
    }
    this.#wanted.set(client, address);
    this.#closeUnwanted();
    return undefined;
  }

  #isWanted(key: string, path: string): boolean {
    return [...this.#wanted.values()].some(each => keyOf(each) === key && each.path === path);
  }

  #closeUnwanted(): void {
    const clients = [...this.#wanted.keys()];
    if (clients.every(client => this.#exited.has(client))) {
      return;
    }
    clients
      .filter(client => this.#exited.has(client))
      .forEach(client => this.#wanted.delete(client));
    const wanted = new Set([...this.#wanted.values()].map(keyOf));
    for (const [key, server] of this.#servers) {
      if (!wanted.has(key)) {
        server.close();
        this.#servers.delete(key);
      }
    }
  }
}

function keyOf({ port, host = '' }: MetricsAddress): string {
  return `${host} ${port}`;
}
