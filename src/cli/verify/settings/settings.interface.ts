/** The settings of the tool. Durations are in milliseconds. @internal */
export interface VerifySettings {
  readonly command: readonly string[];
  /** The address of the application; by default the one that it reports. */
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
  /** The number of reloads. */
  readonly reloads: number;
  /** The number of workers that are stopped with SIGTERM. */
  readonly replacements: number;
  /** The number of workers that are killed with SIGKILL. */
  readonly kills: number;
  /** The minimum number of answered requests. */
  readonly requests: number;
  /** The pause between two disturbances. */
  readonly rest: number;
  readonly patience: number;
  readonly bootTimeout: number;
  readonly reloadTimeout: number;
  readonly json: boolean;
  /** Whether to show the output of the application. */
  readonly verbose: boolean;
}
