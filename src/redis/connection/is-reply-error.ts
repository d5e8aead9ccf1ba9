/** Whether an error of ioredis is a reply of the server, and not a failure of the connection. @internal */
export function isReplyError({ name }: Error): boolean {
  return name === 'ReplyError';
}
