import type { Row } from '../abi/vocabulary.js';

/** How a frame says whether its call may wait for somebody else: `blocking` in protocol.cddl. */
export const Blocking = { never: 0, always: 1, unlessRegular: 2, unlessRegularPath: 8 } as const;

/** Stands for the working directory where a register with a descriptor is named. */
const CWD_REGISTER = 6;
const blocking = new WeakMap<Row, number>();

/** The code for the calls of a row. */
export function blockingOf(row: Row): number {
  const known = blocking.get(row);
  if (known !== undefined) return known;
  const fact = row.facts.find(({ kind }) => kind === 'blocks');
  const register = (name: string | undefined) =>
    name === undefined ? CWD_REGISTER : row.names.indexOf(name);
  let code: number = Blocking.never;
  if (fact?.kind === 'blocks') {
    if (fact.unlessRegular !== undefined) code = Blocking.unlessRegular + register(fact.unlessRegular);
    else if (fact.unlessRegularPath) {
      const [dirfd, path] = fact.unlessRegularPath;
      code = Blocking.unlessRegularPath + 8 * register(dirfd) + register(path);
    } else code = Blocking.always;
  }
  blocking.set(row, code);
  return code;
}
