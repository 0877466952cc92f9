import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { nearestName } from '../abi/lookup.js';
import { checkOrder } from './check-order.js';
import { checkRule, type PlacedRule } from './check-rule.js';
import { describe, PolicyDocument, type Field } from './document.js';
import { choice, type Mistake } from './mistakes.js';
import type { Policy, Side } from './policy.js';
import { isPresetName, presetNames, type PresetName } from './presets.js';

/** A policy's file, read. */
export interface Checked {
  /** Undefined where there are mistakes. */
  readonly policy: Policy | undefined;
  /** All of them, in the order of the file. */
  readonly mistakes: readonly Mistake[];
}

const VERSION = 1;
const keys = ['version', 'preset', 'default', 'rules'] as const;
const sides: readonly string[] = ['local', 'remote'] satisfies Side[];

/** Reads the text of a policy's file (YAML), and finds all that is wrong with it. */
export function checkPolicy(text: string): Checked {
  const document = new PolicyDocument(text);
  const { contents } = document;
  const policy = contents === undefined ? undefined : readPolicy(document, contents);
  const { mistakes } = document;
  return { policy: mistakes.length === 0 ? policy : undefined, mistakes };
}

function readPolicy(document: PolicyDocument, contents: Node | null): Policy | undefined {
  if (!isMap(contents)) {
    document.report(contents ?? 0, {
      expected: 'a map with version and rules',
      found: describe(contents),
      fix: isSeq(contents) ? 'version: 1, and the list below rules:' : 'version: 1, and preset: file',
    });
    return undefined;
  }
  const fields = document.fields(contents, 'a policy', keys);
  checkVersion(document, contents, fields.version);
  const preset = readPreset(document, fields.preset);
  const byDefault = readDefault(document, fields.default);
  if (!fields.rules && !fields.preset && !fields.default) {
    document.report(contents, {
      expected: 'rules, a preset or a default',
      found: 'none of them',
      fix: 'preset: file',
    });
  }
  const placed = fields.rules ? readRules(document, fields.rules) : [];
  checkOrder(document, placed);
  return {
    version: VERSION,
    rules: placed.map(({ rule }) => rule),
    ...(preset === undefined ? {} : { preset }),
    default: byDefault,
  };
}

function checkVersion(document: PolicyDocument, map: Node, field: Field | undefined): void {
  const value = field && isScalar(field.value) ? field.value.value : undefined;
  if (value === VERSION) return;
  const at = field === undefined ? map : (field.value ?? field.at);
  const found = field === undefined ? 'no version' : describe(field.value);
  document.report(at, {
    expected: `version ${VERSION}, which this rsc reads`,
    found,
    fix: `version: ${VERSION}`,
  });
}

function readPreset(document: PolicyDocument, field: Field | undefined): PresetName | undefined {
  const expected = `a preset (${choice(presetNames)})`;
  const word = field && document.text(field, { expected, fix: 'preset: file' });
  if (word === undefined) return undefined;
  if (isPresetName(word.text)) return word.text;
  const fix = `preset: ${nearestName(word.text, presetNames) ?? 'file'}`;
  document.report(word.at, { expected, found: JSON.stringify(word.text), fix });
  return undefined;
}

function readDefault(document: PolicyDocument, field: Field | undefined): Side {
  const expected = 'local or remote';
  const word = field && document.text(field, { expected, fix: 'default: local' });
  if (word === undefined || sides.includes(word.text)) return word?.text === 'remote' ? 'remote' : 'local';
  const fix =
    word.text === 'deny'
      ? 'a last rule with route: deny and the calls that it is for'
      : `default: ${nearestName(word.text, sides) ?? 'local'}`;
  document.report(word.at, { expected, found: JSON.stringify(word.text), fix });
  return 'local';
}

function readRules(document: PolicyDocument, { at, value }: Field): readonly PlacedRule[] {
  const expected = 'a list of rules';
  if (!isSeq(value)) {
    const fix = isMap(value) ? '- before its first key' : '- route: remote, and its conditions';
    document.report(value ?? at, { expected, found: describe(value), fix });
    return [];
  }
  if (value.items.length === 0) {
    document.report(value, { expected, found: 'an empty one', fix: 'take rules out, and have a preset' });
  }
  return (value.items as (Node | null)[]).flatMap((item) => {
    const rule = checkRule(document, document.resolve(item), item?.range?.[0] ?? at);
    return rule === undefined ? [] : [rule];
  });
}
