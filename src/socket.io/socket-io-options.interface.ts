/** Options of `ClusterSocketIoModule.forRoot()` and of `ClusterIoAdapter`. @publicApi */
export interface ClusterSocketIoOptions {
  /**
   * Milliseconds to wait for the answers of other workers, in `fetchSockets()` and in `serverSideEmit()` with an
   * acknowledgement.
   *
   * @defaultValue 5000
   */
  readonly requestsTimeout?: number | undefined;
  /**
   * Whether clients that reconnect get the events that they missed, in order: Socket.IO's connection state recovery, over
   * all workers. With it, Socket.IO adds the offset to the arguments of each event that clients receive. A gateway can
   * set it for its own server, with Socket.IO's option `connectionStateRecovery`.
   *
   * @defaultValue false
   */
  readonly recovery?: false | RecoveryOptions | undefined;
  /**
   * Whether requests for a session of another host of the namespace are forwarded to it, so that the load balancer needs no
   * sticky sessions. Needs the option `redis`. `true` is enough if the server listens on one address, or the machine has only one IPv4
   * address.
   *
   * @defaultValue false
   */
  readonly forwardBetweenHosts?: boolean | ForwardBetweenHostsOptions | undefined;
}

/** Options of forwarding between hosts. @publicApi */
export interface ForwardBetweenHostsOptions {
  /**
   * Where the other hosts reach this one: a name or an IP address. A port (`10.0.0.1:8080`) or a URL (`https://10.0.0.1`)
   * replaces the port of the server, and whether it uses TLS.
   *
   * @defaultValue the address on which the server listens or, if it listens on all, that of the machine
   */
  readonly address?: string | undefined;
  /** Options of `tls.connect()` for hosts with HTTPS, such as `ca`, or `servername` if their certificate is not for `address`. */
  readonly tls?: object | undefined;
}

/** Options of the connection state recovery. @publicApi */
export interface RecoveryOptions {
  /**
   * Milliseconds for which events and sessions are stored for a client that has disconnected.
   *
   * @defaultValue 120000
   */
  readonly maxDisconnection?: number | undefined;
}
