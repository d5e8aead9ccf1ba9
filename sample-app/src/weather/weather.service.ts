import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ClusterService, SharedState, type StateCache } from 'nestjs-cluster';

/** How long a lookup takes, in milliseconds. */
const LOOKUP = 1000;

/** Milliseconds for which a forecast is used, and for which an older one is served during the next lookup. */
const FRESH = 20_000;
const STALE = 60_000;

const SKIES = ['clear sky', 'a few clouds', 'light rain'];

export interface Forecast {
  readonly degrees: number;
  readonly sky: string;
  /** When it was looked up, in ms since the epoch, and by which worker. */
  readonly at: number;
  readonly worker: { readonly slot: number; readonly pid: number };
}

/** The weather at the venue, from a slow service. One worker looks it up, for all workers of all hosts. */
@Injectable()
export class WeatherService {
  private readonly forecasts: StateCache<Forecast>;

  constructor(
    state: SharedState,
    private readonly cluster: ClusterService,
  ) {
    this.forecasts = state.cache('weather', { near: true });
  }

  tonight(): Promise<Forecast> {
    return this.forecasts.wrap('tonight', () => this.lookUp(), { ttl: FRESH, stale: STALE });
  }

  /** Stands for a request to another service. */
  private async lookUp(): Promise<Forecast> {
    await delay(LOOKUP);
    const { slot, pid } = this.cluster.worker;
    const degrees = 12 + Math.floor(Math.random() * 14);
    const sky = SKIES[degrees % SKIES.length]!;
    return { degrees, sky, at: Date.now(), worker: { slot, pid } };
  }
}
