import { isUtf8 } from 'node:buffer';

/** How deep the arrays and maps of a frame may nest: a call's segments are at 3, the rest is room to grow. */
const MAX_DEPTH = 8;

/** RFC 8949, section 3.1. */
const Major = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;

/** Where the next item begins, or what is wrong. */
type Walk = number | string;

/**
 * Says what is wrong with `bytes` as the one CBOR item of a frame, or undefined when nothing is: the profile of
 * protocol.cddl is RFC 8949 in its shortest form, of definite length, without tags and floats. Decoders of general
 * use accept far more than that, and two ends that accept different bytes disagree about frames.
 */
export function flawOf(bytes: Uint8Array): string | undefined {
  const end = itemAt(bytes, 0, 0);
  if (typeof end === 'string') return end;
  return end < bytes.length ? `${bytes.length - end} bytes after the CBOR item` : undefined;
}

function itemAt(bytes: Uint8Array, at: number, depth: number): Walk {
  const head = headAt(bytes, at);
  if (typeof head === 'string') return head;
  switch (head.major) {
    case Major.unsigned:
    case Major.negative:
      return head.next;
    case Major.bytes:
    case Major.text:
      return stringAt(bytes, at, head);
    case Major.array:
      return itemsAt(bytes, head, depth + 1);
    case Major.map:
      return pairsAt(bytes, head, depth + 1);
    case Major.tag:
      return `a tag at byte ${at}`;
    default:
      return isPlain(head) ? head.next : `a float or an unassigned simple value at byte ${at}`;
  }
}

/** false, true and null. */
function isPlain(head: Head): boolean {
  return head.value >= 20 && head.value <= 22;
}

function stringAt(bytes: Uint8Array, at: number, head: Head): Walk {
  const end = head.next + head.value;
  if (end > bytes.length)
    return `a string of ${head.value} bytes at byte ${at} of a frame of ${bytes.length} bytes`;
  if (head.major === Major.text && !isUtf8(bytes.subarray(head.next, end))) {
    return `a text string that is not UTF-8 at byte ${at}`;
  }
  return end;
}

function itemsAt(bytes: Uint8Array, head: Head, depth: number): Walk {
  if (depth > MAX_DEPTH) return tooDeep(head);
  let at = head.next;
  for (let item = 0; item < head.value; item++) {
    const end = itemAt(bytes, at, depth);
    if (typeof end === 'string') return end;
    at = end;
  }
  return at;
}

function pairsAt(bytes: Uint8Array, head: Head, depth: number): Walk {
  if (depth > MAX_DEPTH) return tooDeep(head);
  const keys = new Set<string>();
  let at = head.next;
  for (let pair = 0; pair < head.value; pair++) {
    const end = itemAt(bytes, at, depth);
    if (typeof end === 'string') return end;
    const key = keyAt(bytes, at, end);
    if (key === undefined) return `a map with a key that is no text at byte ${head.at}`;
    if (keys.has(key)) return `a map with the key ${JSON.stringify(key)} twice at byte ${head.at}`;
    keys.add(key);
    const next = itemAt(bytes, end, depth);
    if (typeof next === 'string') return next;
    at = next;
  }
  return at;
}

function keyAt(bytes: Uint8Array, at: number, end: number): string | undefined {
  const head = headAt(bytes, at);
  if (typeof head === 'string' || head.major !== Major.text) return undefined;
  return Buffer.from(bytes.subarray(head.next, end)).toString();
}

interface Head {
  readonly at: number;
  readonly major: number;
  /** Beyond 2^53 not exact: no length is that large, and integers are decoded elsewhere. */
  readonly value: number;
  readonly next: number;
}

/** The initial byte and its argument (RFC 8949, section 3). */
function headAt(bytes: Uint8Array, at: number): Head | string {
  const initial = bytes[at];
  if (initial === undefined) return cutOff(bytes);
  const major = initial >> 5;
  const additional = initial & 0x1f;
  if (additional < 24) return { at, major, value: additional, next: at + 1 };
  if (major === Major.simple) return `a float or an unassigned simple value at byte ${at}`;
  if (additional > 27) return `an indefinite length or a reserved value at byte ${at}`;
  const width = 1 << (additional - 24);
  const next = at + 1 + width;
  if (next > bytes.length) return cutOff(bytes);
  let value = 0;
  for (let byte = at + 1; byte < next; byte++) value = value * 256 + (bytes[byte] ?? 0);
  if (value < leastOf(width)) return `a number that is not in its shortest form at byte ${at}`;
  return { at, major, value, next };
}

/** The least number that needs `width` bytes after the initial byte. */
function leastOf(width: number): number {
  return width === 1 ? 24 : 2 ** (4 * width);
}

function cutOff(bytes: Uint8Array): string {
  return `a CBOR item that is cut off after ${bytes.length} bytes`;
}

function tooDeep(head: Head): string {
  return `more than ${MAX_DEPTH} levels of arrays and maps at byte ${head.at}`;
}
