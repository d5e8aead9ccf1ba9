/** The properties of Nest's transports by which their clients are found. All of them are missing until they listen. */
interface Clients {
  readonly options?: { readonly wildcards?: unknown } | undefined;
  /** Redis */
  readonly subClient?: RedisClient;
  /** NATS */
  readonly natsClient?: { flush?(): Promise<unknown> } | null;
  readonly subscriptions?: readonly { drain?(): Promise<unknown> }[];
  /** Kafka */
  readonly consumer?: { stop?(): Promise<unknown> } | null;
  /** RabbitMQ: a channel of `amqp-connection-manager`, around one of `amqplib` */
  readonly channel?: { readonly ['_channel']?: AmqpChannel } | null;
  /** MQTT */
  readonly mqttClient?: MqttClient;
  getHandlers?(): ReadonlyMap<unknown, unknown>;
}

interface RedisClient {
  readonly status?: string;
  unsubscribe?(): Promise<unknown>;
  punsubscribe?(): Promise<unknown>;
}

interface AmqpChannel {
  readonly consumers?: ReadonlyMap<string, unknown>;
  cancel?(tag: string): Promise<unknown>;
}

interface MqttClient {
  readonly connected?: boolean;
  unsubscribe?(topics: readonly string[], done: () => void): unknown;
}

/**
 * Tells the broker of a transport to deliver no further messages to this process. Resolves when everything that was
 * delivered before has arrived. The connection stays open: the handlers that run still respond.
 *
 * Nest has no method for it, so this function knows the clients of its transports. Transports that it does not know
 * continue to receive messages until Nest closes them. The server of gRPC is drained like all servers of HTTP/2.
 *
 * https://github.com/nestjs/nest/tree/master/packages/microservices/server
 *
 * @internal
 */
export async function stopReceiving(transport: object): Promise<void> {
  const clients = transport as Clients;
  await Promise.all([
    unsubscribeRedis(clients),
    ...(clients.natsClient ? (clients.subscriptions ?? []).map(each => each.drain?.()) : []),
    clients.consumer?.stop?.(),
    cancelConsumers(clients.channel?.['_channel']),
    unsubscribeMqtt(clients),
  ]);
}

/**
 * Resolves when the responses of a transport have left this process, as far as its client buffers them.
 *
 * @internal
 */
export async function flushResponses(transport: object): Promise<void> {
  await (transport as Clients).natsClient?.flush?.();
}

/** A client without a connection receives nothing, and would unsubscribe only after it has reconnected. */
async function unsubscribeRedis({ subClient, options }: Clients): Promise<void> {
  if (subClient?.status === 'ready') {
    await (options?.wildcards ? subClient.punsubscribe?.() : subClient.unsubscribe?.());
  }
}

async function cancelConsumers(channel: AmqpChannel | undefined): Promise<void> {
  const tags = [...(channel?.consumers?.keys() ?? [])];
  await Promise.all(tags.map(async tag => channel?.cancel?.(tag)));
}

async function unsubscribeMqtt(clients: Clients): Promise<void> {
  const { mqttClient } = clients;
  const topics = [...(clients.getHandlers?.().keys() ?? [])].filter(isText);
  if (mqttClient?.connected && mqttClient.unsubscribe && topics.length > 0) {
    await new Promise<void>(resolve => mqttClient.unsubscribe?.(topics, resolve));
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
