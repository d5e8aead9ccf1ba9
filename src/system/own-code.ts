/** The directory of this package's code, as frames of a stack name it: ends with a slash. @internal */
export const OWN_CODE = new URL('../', import.meta.url);
