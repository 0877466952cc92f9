import { notesOn } from '@rsc/core/policy/notes';
import { rulesOf, type Policy } from '@rsc/core/policy/policy';
import { conditionTexts, routeText } from '@rsc/core/policy/words';
import { defaultLocalPaths } from '@rsc/core/tracer/local-paths';
import { columns } from '../syscalls/columns.js';
import { fallback, readActivePolicy, readPolicy, type NamedPolicy } from './source.js';

/** What a user asks of `rsc policy show`. */
export interface ShowRequest {
  readonly file?: string | undefined;
  readonly defaults?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Text of one line, as far as words allow. */
const WIDTH = 90;

/** What `rsc policy show` prints. Throws as readPolicy does. */
export function showing({ file, defaults = false, json = false }: ShowRequest): string {
  const source = file === undefined ? (readActivePolicy() ?? fallback) : readPolicy(file);
  return json ? asJson(source, defaults) : asText(source, defaults);
}

/** What `rsc policy check` prints. Throws as readPolicy does. */
export function checking(file: string): string {
  const { name, policy, what } = readPolicy(file);
  return `${name}: ok, ${what}\n${noteLines(policy)}`;
}

/** What the policy asks for that rsc does not do, a line each. */
export function noteLines(policy: Policy): string {
  return notesOn(policy)
    .map((note) => `note: ${note}\n`)
    .join('');
}

function asText({ name, policy, what }: NamedPolicy, defaults: boolean): string {
  const lines = rulesOf(policy).flatMap((rule, index) => {
    const [first = '', ...rest] = conditionTexts(rule).flatMap(wrapped);
    const more = rest.map((text) => ['', '', text]);
    return [[numberOf(policy, index), routeText(rule), first], ...more];
  });
  const otherwise = ['otherwise', policy.default, 'what no rule matches'];
  const local = defaults
    ? defaultLocalPaths.map(({ path, why }) => ['default', 'local', `paths ${path} and below: ${why}`])
    : [];
  const head = `${name}: ${what}\n`;
  return `${head}${columns([...lines, ...local, otherwise])}${noteLines(policy)}`;
}

function numberOf({ rules, preset }: Policy, index: number): string {
  return index < rules.length ? String(index + 1) : `${preset ?? ''} ${index - rules.length + 1}`;
}

function asJson({ name, policy }: NamedPolicy, defaults: boolean): string {
  const shown = {
    name,
    ...(policy.preset === undefined ? {} : { preset: policy.preset }),
    default: policy.default,
    rules: rulesOf(policy).map((rule, index) => ({ number: numberOf(policy, index), ...rule })),
    ...(defaults ? { defaults: defaultLocalPaths } : {}),
    notes: notesOn(policy),
  };
  return `${JSON.stringify(shown, null, 2)}\n`;
}

/** A long text on several lines; those that follow are indented. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && line.length + word.length >= WIDTH) {
      lines.push(line);
      line = ' ';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}
