/** Reasons for failed calls that the state, the bus and the connection to Redis share. @internal */
export const backendMessages = {
  unreachable: () => 'the backend is unreachable',
  unanswered: () => 'the backend did not answer in time',
  primaryUnreachable: () => 'the primary did not answer',
  closed: () => 'the application has closed',
};
