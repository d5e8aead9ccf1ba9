/** Ends the process. It is injected, so that tests do not end theirs. @internal */
export type Exit = (code: number) => void;

/** Ends the process. This is the only call of `process.exit()`. @internal */
export const exitProcess: Exit = code => process.exit(code);
