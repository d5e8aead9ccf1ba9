/** More is a typing error, not a machine. @internal */
export const MAX_WORKERS = 1024;
