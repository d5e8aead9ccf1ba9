/** Injection token of the `StateClient`: in a file of its own, because a primary does not load the client. @internal */
export const STATE_CLIENT = Symbol('STATE_CLIENT');
