import { errno } from '../abi/errno.js';
import { setNames } from '../abi/sets.js';
import { syscallNames } from '../abi/table.js';
import { presets } from './presets.js';

/** A JSON Schema (draft 7) as plain data. */
type Schema = { readonly [keyword: string]: unknown };

/** time is both: a word means the set. */
const words = [...new Set([...setNames, ...syscallNames])];
const anyWord = `!?(?:${words.join('|')})`;

const calls: Schema = { type: 'string', pattern: `^\\s*${anyWord}(?:\\s*,\\s*${anyWord})*\\s*$` };

const glob: Schema = {
  type: 'string',
  pattern: '^/(?:.*[^/])?$',
  not: {
    anyOf: [
      { pattern: '/\\.{0,2}/' },
      { pattern: '/\\.{1,2}$' },
      { pattern: '[^/]\\*\\*|\\*\\*[^/]' },
      { pattern: '(?:^|[^\\\\])[{}]' },
    ],
  },
};

function oneOrMore(item: Schema, inList: Schema = item): Schema {
  return { anyOf: [item, { type: 'array', minItems: 1, items: inList }] };
}

const rule: Schema = {
  type: 'object',
  additionalProperties: false,
  required: ['route'],
  properties: {
    syscalls: {
      description: 'sets and names of system calls, with ! to leave one out; without it, every call',
      ...oneOrMore(
        { $ref: '#/definitions/calls' },
        { anyOf: [{ enum: words }, { $ref: '#/definitions/calls' }] },
      ),
    },
    paths: {
      description: 'globs over absolute paths: * in one component, ** for any number of them',
      ...oneOrMore({ $ref: '#/definitions/glob' }),
    },
    program: {
      description: 'globs over the path of the program that makes the call',
      ...oneOrMore({ $ref: '#/definitions/glob' }),
    },
    origin: { description: 'the side that a descriptor of the call is on', enum: ['remote', 'local'] },
    route: { description: 'where the calls of this rule go', enum: ['remote', 'local', 'deny'] },
    errno: { description: 'what a denied call answers', enum: Object.keys(errno) },
  },
  if: { required: ['route'], properties: { route: { const: 'deny' } } },
  then: { required: ['errno'] },
  else: { properties: { errno: false } },
};

/** The JSON Schema of a policy's file, for editors. It knows less than checkPolicy, and never more. */
export const policySchema: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'a policy of rsc',
  type: 'object',
  additionalProperties: false,
  required: ['version'],
  anyOf: ['rules', 'preset', 'default'].map((key) => ({ required: [key] })),
  properties: {
    version: { description: 'the version of this grammar', const: 1 },
    preset: {
      description: 'rules that stand behind those of the file',
      oneOf: Object.entries(presets).map(([name, { what }]) => ({ const: name, description: what })),
    },
    default: { description: 'where calls go that no rule matches: local', enum: ['local', 'remote'] },
    rules: {
      description: 'the first rule that matches a call decides where it goes',
      type: 'array',
      minItems: 1,
      items: { $ref: '#/definitions/rule' },
    },
  },
  definitions: { calls, glob, rule },
};

/** policy.schema.json, whole. */
export function policySchemaText(): string {
  return `${JSON.stringify(policySchema, null, 2)}\n`;
}
