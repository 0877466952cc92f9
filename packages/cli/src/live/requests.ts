/** What is said on the socket of a session: a request and its answer, each a line of JSON. */
import { byKind, count, fields, flag, list, Mismatch, measure, text, word, type Read } from './schema.js';

/** A line may have as many bytes. */
export const MAX_LINE = 1 << 20;
const MAX_TEXT = MAX_LINE;

const session = fields({
  kind: word('session'),
  id: text(64),
  /** The process of rsc itself. */
  rsc: count,
  /** The process that was run, or attached. */
  pid: count,
  /** How the session began. */
  by: word('run', 'attach'),
  command: text(MAX_TEXT),
  engine: text(64),
  server: text(MAX_TEXT),
  /** Calls, by where they ran, or that they were denied. */
  remote: count,
  local: count,
  denied: count,
  /** Round trips in microseconds; null: there was none. */
  p50: measure,
  p99: measure,
});

const follows = fields({
  kind: word('follows'),
  changes: list(fields({ kind: word('same', 'added', 'removed'), text: text(MAX_TEXT) })),
  descriptors: count,
  directories: list(count),
  caught: count,
});

const partings = list(fields({ pid: count, kept: list(text(MAX_TEXT)), lost: list(text(MAX_TEXT)) }));
const detached = fields({ kind: word('detached'), partings });
const stayed = fields({ kind: word('stayed'), partings });
const refused = fields({ kind: word('refused'), message: text(MAX_TEXT), suggestion: text(MAX_TEXT) });

const describe = fields({ kind: word('describe') });
/** To go by another policy, of which this is the file's text. */
const policy = fields({ kind: word('policy'), text: text(MAX_TEXT) });
const detach = fields({ kind: word('detach'), force: flag });

export type Session = Read<typeof session>;
export type Follows = Read<typeof follows>;
export type Request = Read<typeof describe> | Read<typeof policy> | Read<typeof detach>;
export type Answer = Session | Follows | Read<typeof detached> | Read<typeof stayed> | Read<typeof refused>;

const request = byKind<Request>({ describe, policy, detach });
const answer = byKind<Answer>({ session, follows, detached, stayed, refused });

/** Throws a Mismatch. */
export function parseRequest(line: string): Request {
  return request(parseJson(line), 'the request');
}

/** Throws a Mismatch. */
export function parseAnswer(line: string): Answer {
  return answer(parseJson(line), 'the answer');
}

export function lineOf(message: Request | Answer): string {
  return `${JSON.stringify(message)}\n`;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new Mismatch('it is not JSON', { cause });
  }
}
