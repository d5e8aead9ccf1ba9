/** A client that speaks the protocol of Engine.IO over long polling, request by request. */
export class LongPolling {
  /** @param version of the protocol: 4, or 3 for clients of Socket.IO 2 */
  static async open(port: number, version = 4): Promise<LongPolling> {
    const url = `http://127.0.0.1:${port}/socket.io/?EIO=${version}&transport=polling`;
    const text = await (await fetch(url)).text();
    const { sid } = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as {
      readonly sid: string;
    };
    return new LongPolling(`${url}&sid=${sid}`, text);
  }

  private constructor(
    private readonly url: string,
    /** The answer to the first request. */
    readonly opened: string,
  ) {}

  async send(packet: string): Promise<string> {
    return (await fetch(this.url, { method: 'POST', body: packet })).text();
  }

  async poll(): Promise<string> {
    return (await fetch(this.url)).text();
  }

  /** Polls until there is a packet that begins so. @returns all packets up to it */
  async until(beginning: string): Promise<string[]> {
    const packets: string[] = [];
    while (!packets.some(packet => packet.startsWith(beginning))) {
      const received = (await this.poll()).split('\u001e');
      // The server asks whether the client is alive.
      packets.push(...received.filter(packet => packet !== '2'));
    }
    return packets;
  }
}
