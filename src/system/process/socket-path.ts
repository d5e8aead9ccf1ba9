/** Paths of Unix sockets have at most 103 bytes on macOS, and 107 on Linux. @internal */
export const MAX_SOCKET_PATH_BYTES = 103;
