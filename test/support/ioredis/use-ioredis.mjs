// @ts-check
/** Has the tests of a project start their applications on the ioredis that `jest.config.js` names. */
process.env['TEST_IOREDIS'] = /** @type {{ IOREDIS?: string }} */ (globalThis).IOREDIS;
