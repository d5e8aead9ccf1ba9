// @ts-check

/** Whether the ioredis of this test speaks RESP3. ioredis 5 speaks RESP2, whatever is asked for. */
export const HAS_RESP3 = !process.env['TEST_IOREDIS'];
