/** Injection token of the options of `ClusterSocketIoModule.forRoot()`. @internal */
export const SOCKET_IO_OPTIONS = Symbol('SOCKET_IO_OPTIONS');
