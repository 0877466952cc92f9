/** The protocol version that this build speaks. */
export const PROTOCOL_VERSION = 1;

/** The largest bulk payload of one call or reply, in bytes. Longer reads and writes are done in several calls. */
export const MAX_PAYLOAD = 1 << 20;

/** The largest frame that either side accepts, in bytes without the length prefix: a payload and room for the rest. */
export const MAX_FRAME = MAX_PAYLOAD + (64 << 10);

/** The largest `hello` that a server reads from a peer that it does not know yet, in bytes. */
export const MAX_HELLO = 4096;

/** How many memory segments one call may have: an iovec of UIO_MAXIOV entries (readv(2)), and itself. */
export const MAX_SEGMENTS = 1024 + 8;
