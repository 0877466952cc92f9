/** A line of strace, in its parts. */
export interface Line {
  readonly name: string;
  readonly args: readonly string[];
  readonly result: string;
}

const opening = '([{';
const closing = ')]}';

/** Takes a line `name(argument, ...) = result` apart; commas in brackets and in quotes belong to an argument. */
export function lineIn(line: string): Line {
  const start = line.indexOf('(');
  const args: string[] = [];
  let [depth, quoted, from] = [0, false, start + 1];
  for (let at = start; at < line.length; at++) {
    const character = line.charAt(at);
    if (quoted && character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (opening.includes(character)) depth++;
    else if (closing.includes(character) && --depth === 0) {
      if (at > from) args.push(line.slice(from, at));
      return { name: line.slice(0, start), args, result: line.slice(at + 1).replace(/^\s*= /, '') };
    } else if (character === ',' && depth === 1) {
      args.push(line.slice(from, at));
      from = at + 2;
    }
  }
  throw new Error(`a line of strace has no end: ${line}`);
}
