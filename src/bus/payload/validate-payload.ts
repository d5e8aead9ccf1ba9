import type { InvalidPayloadFault } from '../bus-fault.interface.js';
import { messageOf } from '../../system/text/message-of.js';
import { memberOf, type Sender } from '../membership/bus-member.interface.js';
import type { StandardSchema } from './standard-schema.interface.js';

/** An event or request that has arrived. */
interface Arrived {
  readonly topic: string;
  readonly from: Sender;
  readonly payload: unknown;
}

/**
 * Validates a payload. Returns the output of the schema, or the fault; also if the schema itself throws.
 *
 * @internal
 */
export async function validatePayload(
  schema: StandardSchema,
  { topic, from, payload }: Arrived,
): Promise<
  | { readonly value: unknown; readonly fault?: undefined }
  | { readonly value?: undefined; readonly fault: InvalidPayloadFault }
> {
  const invalidPayload = (issues: InvalidPayloadFault['issues']) => ({
    fault: { type: 'invalid-payload', topic, payload, issues, from: memberOf(from) } as const,
  });
  try {
    const result = await schema['~standard'].validate(payload);
    if (!result.issues) {
      return { value: result.value };
    }
    // Throws here if a schema does not return what the specification says.
    result.issues.map(({ message }) => message).join();
    return invalidPayload(result.issues);
  } catch (error) {
    return invalidPayload([{ message: messageOf(error) }]);
  }
}
