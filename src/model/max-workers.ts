/** The maximum number of workers. A larger number is a typing error. @internal */
export const MAX_WORKERS = 1024;
