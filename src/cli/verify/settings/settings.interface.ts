/** What the tool was told to do. Durations are milliseconds. @internal */
export interface VerifySettings {
  readonly command: readonly string[];
  /** Where the application listens; without it, where it says that it does. */
  readonly url?: URL;
  readonly path: string;
  readonly keepAlive: number;
  readonly oneShot: number;
  readonly pause: number;
  readonly uploads: number;
  readonly uploadPath?: string;
  readonly uploadType: string;
  readonly uploadFile?: string;
  readonly sse: number;
  readonly ssePath?: string;
  readonly webSockets: number;
  readonly wsPath?: string;
  readonly wsMessage?: string;
  /** How many times all workers are replaced by a reload. */
  readonly reloads: number;
  /** How many times one worker is told to leave, by SIGTERM. */
  readonly replacements: number;
  /** How many times one worker is killed, by SIGKILL. */
  readonly kills: number;
  /** So many have to be answered. */
  readonly requests: number;
  /** Between two disturbances. */
  readonly rest: number;
  readonly patience: number;
  readonly bootTimeout: number;
  readonly reloadTimeout: number;
  readonly json: boolean;
  /** Shows what the application writes. */
  readonly verbose: boolean;
}
