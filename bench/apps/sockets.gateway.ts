import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import type { Server, Socket } from 'socket.io';

/** The gateway of all candidates. */
@WebSocketGateway()
export class SocketsGateway {
  @WebSocketServer()
  private readonly server!: Server;

  @SubscribeMessage('echo')
  echo(@MessageBody() value: unknown): unknown {
    return value;
  }

  /** Sends an event to all clients, also to the sender. */
  @SubscribeMessage('say')
  say(@ConnectedSocket() client: Socket, @MessageBody() text: string): void {
    this.server.emit('said', { from: client.id, text });
  }
}
