/** Two jobs with one name: `ClusterScheduleModule` refuses them before Nest's module does. */
export const DUPLICATE_SCHEDULER = (_kind: string, name: string): string =>
  `Two jobs have the name "${name}". Give one of them another name: @ClusterJob({ name: '…' }).`;
