import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { HEAD_BYTES, interpreterNameIn, pointingTo, scriptLineOf, type ReadAt } from '@rsc/core/tracer/elf';
import { guest } from '../e2e/places';

describe('the first line of a script', () => {
  const long = 'x'.repeat(300);
  const lines: readonly (readonly [text: string, read: ReturnType<typeof scriptLineOf>])[] = [
    ['#!/bin/sh\necho', { interpreter: '/bin/sh', argument: undefined }],
    ['#! \t/usr/bin/env  python3 -u \t\n', { interpreter: '/usr/bin/env', argument: 'python3 -u' }],
    ['#!sh', { interpreter: 'sh', argument: undefined }],
    ['#!/bin/sh\0x\n', { interpreter: '/bin/sh', argument: undefined }],
    ['#!\n', 'malformed'],
    ['#!   \n/bin/sh', 'malformed'],
    [`#!/${long}`, 'malformed'],
    [`#!/bin/sh ${long}`, { interpreter: '/bin/sh', argument: 'x'.repeat(HEAD_BYTES - 10) }],
    ['# !/bin/sh\n', undefined],
    ['', undefined],
  ];
  for (const [text, read] of lines) {
    it(`reads ${JSON.stringify(text.slice(0, 40))} as the kernel does`, () => {
      expect(scriptLineOf(Buffer.from(text).subarray(0, HEAD_BYTES))).to.deep.equal(read);
    });
  }
});

describe('the interpreter that a program names', () => {
  const reader =
    (bytes: Buffer): ReadAt =>
    (offset, length) =>
      bytes.subarray(offset, offset + length);

  it('is found, and can be made another one', () => {
    const program = readFileSync(guest('seek'));
    const name = interpreterNameIn(reader(program));
    if (name === undefined) throw new Error('the program names no interpreter');
    expect(program.toString('latin1', name.offset, name.offset + name.bytes)).to.match(/^\/lib.*ld-.*\0$/);
    for (const [offset, bytes] of pointingTo(name, 123456, 20)) bytes.copy(program, offset);
    expect(interpreterNameIn(reader(program))).to.deep.equal({ ...name, offset: 123456, bytes: 20 });
  });

  it('is none of a static program, of a file that is cut off, and of what is no program', () => {
    const program = readFileSync(guest('seek'));
    const files = [readFileSync(guest('static-files')), program.subarray(0, 63), Buffer.alloc(4096, 'text')];
    expect(files.map((bytes) => interpreterNameIn(reader(bytes)))).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
