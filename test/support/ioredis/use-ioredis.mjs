// @ts-check
import Module from 'node:module';

/**
 * Lets `require('ioredis')` load the ioredis that `TEST_IOREDIS` names, in the process of a spec file. The alias in
 * `vitest.config.mjs` does this for `import`.
 */
const ioredis = /** @type {string} */ (process.env['TEST_IOREDIS']);
/** The method of Node that finds the file of a required module. */
const RESOLVE = '_resolveFilename';
const loader =
  /** @type {Record<typeof RESOLVE, (request: string, ...others: unknown[]) => string>} */ (
    /** @type {unknown} */ (Module)
  );
const { [RESOLVE]: resolve } = loader;

loader[RESOLVE] = (request, ...others) =>
  resolve(request.replace(/^ioredis(?=$|\/)/, ioredis), ...others);
