/** How each call that has to be kept from its effect is made with one. What is not said here is made by kind. */
import type { SyscallName } from '@rsc/core/abi/table';
import type { Recipe } from './effect-calls';
import { machine } from './recipes/machine';
import { memory } from './recipes/memory';
import { messages } from './recipes/messages';
import { paths } from './recipes/paths';
import { processes } from './recipes/processes';
import { times } from './recipes/times';

export const recipes: Readonly<Partial<Record<SyscallName, Recipe>>> = {
  ...paths,
  ...processes,
  ...memory,
  ...messages,
  ...times,
  ...machine,
};
