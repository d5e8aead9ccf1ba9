import type { Logger } from '@nestjs/common';
import { andOthers, LogLimiter } from '../../../system/log-limiter.js';
import { printable, printableError } from '../../../system/text/printable.js';

/**
 * Logs stale entries that could not be reloaded: once for each cache, and once a minute while more reloads fail.
 *
 * @internal
 */
export class ReloadLog {
  readonly #caches: LogLimiter;

  constructor(
    private readonly logger: Pick<Logger, 'warn'>,
    now?: () => number,
  ) {
    this.#caches = new LogLimiter({ now });
  }

  failed(cache: string, key: string, error: unknown): void {
    this.#caches.log(cache, further =>
      this.logger.warn(
        `The entry "${printable(key)}" of the cache "${printable(cache)}" could not be reloaded, and the old value is served: ${printableError(error)}${andOthers(further)}`,
      ),
    );
  }
}
