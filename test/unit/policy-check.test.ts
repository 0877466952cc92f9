import { Ajv } from 'ajv';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPolicy } from '@rsc/core/policy/check';
import { mistakeText } from '@rsc/core/policy/mistakes';
import { policySchema, policySchemaText } from '@rsc/core/policy/schema';
import { parseDocument } from 'yaml';
import { badPolicies, goodPolicies } from './policy-samples';

const isValid = new Ajv({ strictTypes: false }).compile(policySchema);

/** What an editor has of a file: its value, with what can be understood of wrong YAML. */
function valueOf(text: string): unknown {
  try {
    return parseDocument(text, { logLevel: 'silent' }).toJS();
  } catch {
    // An alias of nothing: no editor gets as far as the schema.
    return { version: 1, preset: 'file' };
  }
}

describe('the checker of policies', () => {
  for (const [title, text] of Object.entries(goodPolicies)) {
    it(`accepts ${title}, and so does the schema`, () => {
      expect(checkPolicy(text).mistakes).to.deep.equal([]);
      expect(isValid(valueOf(text)), JSON.stringify(isValid.errors)).to.equal(true);
    });
  }

  for (const { has, text, mistakes } of badPolicies) {
    it(`refuses a file with ${has}`, () => {
      const checked = checkPolicy(text);

      expect(
        checked.mistakes.map(
          ({ line, column, expected, found, fix }) =>
            `${line}:${column}: expected ${expected}, found ${found} => ${fix}`,
        ),
      ).to.deep.equal(mistakes);
      expect(checked.policy).to.equal(undefined);
    });
  }

  it('knows more than 30 kinds of mistakes', () => {
    expect(badPolicies.length).to.be.greaterThan(30);
  });

  it('reads a policy as plain data', () => {
    const text =
      'version: 1\npreset: dev\nrules:\n  - syscalls: [stat, lstat]\n    paths: /x\n    route: local\n';

    expect(checkPolicy(text).policy).to.deep.equal({
      version: 1,
      preset: 'dev',
      default: 'local',
      rules: [{ syscalls: 'stat,lstat', paths: ['/x'], route: 'local', line: 4 }],
    });
  });

  it('has a mistake on one line and its fix on the next', () => {
    const [mistake] = checkPolicy('version: 1\npreset: fil\n').mistakes;

    expect(mistake && mistakeText('rules.yaml', mistake)).to.equal(
      'rules.yaml:2:9: expected a preset (file, net, all or dev), found "fil"\n  try: preset: file',
    );
  });
});

describe('the JSON Schema of policies', () => {
  for (const { has, text, beyondSchema } of badPolicies) {
    it(`${beyondSchema ? 'cannot see' : 'refuses'} ${has}`, () => {
      expect(isValid(valueOf(text))).to.equal(beyondSchema === true);
    });
  }

  it('is what packages/core/policy.schema.json has (or: make generate)', () => {
    const file = join(__dirname, '../../../packages/core/policy.schema.json');

    expect(readFileSync(file, 'utf8')).to.equal(policySchemaText());
  });
});
