// @ts-check
/** Starts the applications of a project on the ioredis that `jest.config.js` names. */
process.env['TEST_IOREDIS'] = /** @type {{ IOREDIS?: string }} */ (globalThis).IOREDIS;
