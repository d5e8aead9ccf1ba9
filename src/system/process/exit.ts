/** How a process ends. Comes in from outside, so that tests need no process. @internal */
export type Exit = (code: number) => void;

/** The one place that ends a process. @internal */
export const exitProcess: Exit = code => process.exit(code);
