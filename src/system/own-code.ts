/** The directory of this package's code, as in the frames of a stack; it ends with a slash. @internal */
export const OWN_CODE = new URL('../', import.meta.url);
