import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RscError } from '@rsc/core/errors';
import { codec } from '@rsc/core/protocol/cbor';
import {
  encodeFrame,
  frameLength,
  FrameType,
  parseAnswer,
  parseFrame,
  parseHello,
  type ControlFrame,
} from '@rsc/core/protocol/frames';
import { MAX_HELLO } from '@rsc/core/protocol/limits';
import { flawOf } from '@rsc/core/protocol/strict';

const MEBI = 1 << 20;

/** Control frames as they are on the wire, length prefix and all. */
const controlFrames: readonly [hex: string, frame: ControlFrame][] = [
  [
    '0000001a 8200a2 6870726f746f636f6c01 6461726368 6761617263683634',
    { type: 'hello', protocol: 1, arch: 'aarch64' },
  ],
  [
    '00000026 8200a3 6870726f746f636f6c01 6461726368 667838365f3634 65746f6b656e 66733363726574',
    { type: 'hello', protocol: 1, arch: 'x86_64', token: 's3cret' },
  ],
  [
    '00000027 820aa3 6870726f746f636f6c01 6461726368 667838365f3634 686d61784672616d65 1a00110000',
    { type: 'welcome', protocol: 1, arch: 'x86_64', maxFrame: MEBI + (64 << 10) },
  ],
  [
    '00000015 8309 6f5253435f544f4b454e5f57524f4e47 626e6f',
    { type: 'failure', code: 'RSC_TOKEN_WRONG', message: 'no' },
  ],
  ['00000005 8403000103', { type: 'fork', parent: 0, child: 1, share: 3 }],
  ['00000005 820419012c', { type: 'exit', twin: 300 }],
  ['00000007 82051a00011170', { type: 'cancel', stream: 70_000 }],
  ['0000000b 82061b0000010000000000', { type: 'ping', token: 2 ** 40 }],
  ['00000003 820717', { type: 'pong', token: 23 }],
  ['00000002 8108', { type: 'goodbye' }],
];

/** A read(3, buf, 5) of stream 7 on twin 0, and its reply: the frames of the hot path, without the prefix. */
const readCall =
  '8701070000035830' +
  '0300000000000000' +
  '00'.repeat(8) +
  '0500000000000000' +
  '00'.repeat(24) +
  '81' +
  '83010305';
const readReply = '84020705' + '4568656c6c6f';

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const bodyOf = (hex: string): Buffer => bytesOf(hex).subarray(4);

function errorOf(act: () => unknown): RscError {
  try {
    act();
  } catch (error) {
    if (error instanceof RscError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('protocol frames', () => {
  for (const [hex, frame] of controlFrames) {
    it(`encodes ${JSON.stringify(frame)}`, () => {
      expect(encodeFrame(frame).toString('hex')).to.equal(hex.replaceAll(' ', ''));
    });

    it(`decodes ${JSON.stringify(frame)}`, () => {
      expect(parseFrame(bodyOf(hex))).to.deep.equal(frame);
    });
  }

  it('decodes a hello by parseHello', () => {
    const hello = parseHello(bodyOf(controlFrames[1]![0]));

    expect(hello).to.deep.equal({ protocol: 1, arch: 'x86_64', token: 's3cret' });
  });

  it('decodes a welcome and a failure by parseAnswer', () => {
    const answers = [controlFrames[2]!, controlFrames[3]!];

    expect(answers.map(([hex]) => parseAnswer(bodyOf(hex)))).to.deep.equal(answers.map(([, frame]) => frame));
  });

  it('ignores keys of a hello that it does not know', () => {
    const hello = codec.encode([0, { protocol: 1, arch: 'x86_64', colour: ['blue', { shade: 7 }] }]);

    expect(parseHello(hello)).to.deep.equal({ protocol: 1, arch: 'x86_64' });
  });

  it('reads the length of a frame once its prefix is there', () => {
    const lengths = ['', '000000', '00000002', '000000028108'].map((hex) => frameLength(bytesOf(hex), 16));

    expect(lengths).to.deep.equal([undefined, undefined, 2, 2]);
  });

  const lengthCases: readonly [hex: string, received: string][] = [
    ['00000000', 'one of 0 bytes'],
    ['00001001', 'one of 4097 bytes'],
    ['ffffffff', 'one of 4294967295 bytes'],
  ];
  for (const [hex, received] of lengthCases) {
    it(`refuses the length prefix ${hex}`, () => {
      const { code, message } = errorOf(() => frameLength(bytesOf(hex), MAX_HELLO));

      expect({ code, message }).to.deep.equal({
        code: 'RSC_PROTOCOL_VIOLATION',
        message: `the peer does not speak the rsc protocol: expected a frame of 1 to 4096 bytes, received ${received}`,
      });
    });
  }

  const helloCases: readonly [title: string, bytes: Buffer, complaint: string][] = [
    ['no bytes', bytesOf(''), 'expected hello, received a CBOR item that is cut off after 0 bytes'],
    ['a number', bytesOf('05'), 'expected hello, received 5'],
    ['a map', bytesOf('a0'), 'expected hello, received a map'],
    ['an empty array', bytesOf('80'), 'expected hello, received a frame of type nothing'],
    ['goodbye', bytesOf('8108'), 'expected hello, received a frame of type 8'],
    ['no map', bytesOf('8100'), 'expected a hello of 2 fields, received one of 1'],
    ['a field too many', bytesOf('8300a000'), 'expected a hello of 2 fields, received one of 3'],
    ['text for a map', bytesOf('82006161'), 'expected a map in hello, received "a"'],
    ['an empty map', bytesOf('8200a0'), 'expected an unsigned integer in hello.protocol, received nothing'],
    [
      'a negative version',
      codec.encode([0, { protocol: -1, arch: 'x86_64' }]),
      'expected an unsigned integer in hello.protocol, received -1',
    ],
    [
      'a number for arch',
      codec.encode([0, { protocol: 1, arch: 64 }]),
      'expected text in hello.arch, received 64',
    ],
    [
      'bytes for a token',
      codec.encode([0, { protocol: 1, arch: 'x86_64', token: Buffer.from('abc') }]),
      'expected text in hello.token, received 3 bytes',
    ],
    [
      'an HTTP request',
      Buffer.from('GET / HTTP/1.1\r\n'),
      'expected hello, received 8 bytes after the CBOR item',
    ],
  ];
  for (const [title, bytes, complaint] of helloCases) {
    it(`refuses as hello: ${title}`, () => {
      const { code, message } = errorOf(() => parseHello(bytes));

      expect({ code, message }).to.deep.equal({
        code: 'RSC_PROTOCOL_VIOLATION',
        message: `the peer does not speak the rsc protocol: ${complaint}`,
      });
    });
  }

  it('refuses a share that it does not know', () => {
    const { message } = errorOf(() => parseFrame(bytesOf('8403000104')));

    expect(message).to.equal(
      'the peer does not speak the rsc protocol: expected a fork.share of 0 to 3, received 4',
    );
  });

  it('refuses a frame of an unknown type', () => {
    const { message } = errorOf(() => parseFrame(bytesOf('81182a')));

    expect(message).to.equal(
      'the peer does not speak the rsc protocol: expected a control frame, received a frame of type 42',
    );
  });
});

describe('the CBOR of frames', () => {
  const flaws: readonly [hex: string, flaw: string][] = [
    ['8201', 'a CBOR item that is cut off after 2 bytes'],
    ['811b00', 'a CBOR item that is cut off after 3 bytes'],
    ['820102ff', '1 bytes after the CBOR item'],
    ['81c001', 'a tag at byte 1'],
    ['9f01ff', 'an indefinite length or a reserved value at byte 0'],
    ['811800', 'a number that is not in its shortest form at byte 1'],
    ['811900ff', 'a number that is not in its shortest form at byte 1'],
    ['811a0000ffff', 'a number that is not in its shortest form at byte 1'],
    ['811b00000000ffffffff', 'a number that is not in its shortest form at byte 1'],
    ['81f93c00', 'a float or an unassigned simple value at byte 1'],
    ['81fb3ff0000000000000', 'a float or an unassigned simple value at byte 1'],
    ['81f7', 'a float or an unassigned simple value at byte 1'],
    ['814261', 'a string of 2 bytes at byte 1 of a frame of 3 bytes'],
    ['814561', 'a string of 5 bytes at byte 1 of a frame of 3 bytes'],
    ['9affffffff', 'a CBOR item that is cut off after 5 bytes'],
    ['bbffffffffffffffff', 'a CBOR item that is cut off after 9 bytes'],
    ['81'.repeat(9) + '00', 'more than 8 levels of arrays and maps at byte 8'],
    ['8261ff01', 'a text string that is not UTF-8 at byte 1'],
    ['81a2616101616102', 'a map with the key "a" twice at byte 1'],
    ['81a10102', 'a map with a key that is no text at byte 1'],
  ];
  for (const [hex, flaw] of flaws) {
    it(`names the flaw of ${hex}`, () => {
      expect(flawOf(bytesOf(hex))).to.equal(flaw);
    });
  }

  const sound = [
    '80',
    '8100',
    '8118ff',
    '811b0000000100000000',
    '8120',
    '83f4f5f6',
    '8140',
    '81a16161a0',
    readCall,
    readReply,
  ];
  for (const hex of sound) {
    it(`accepts ${hex}`, () => {
      expect(flawOf(bytesOf(hex))).to.equal(undefined);
    });
  }

  it('accepts no frame that is cut short, at any byte', () => {
    const frames = [...controlFrames.map(([hex]) => bodyOf(hex)), bytesOf(readCall), bytesOf(readReply)];
    const cuts = frames.flatMap((frame) => Array.from(frame, (_, length) => frame.subarray(0, length)));

    expect(cuts.filter((cut) => flawOf(cut) === undefined)).to.deep.equal([]);
  });

  it('finds a flaw in, or decodes, every frame with one byte changed, and never throws anything else', () => {
    const outcomes = new Set<string>();
    for (const [hex] of controlFrames) {
      const frame = bodyOf(hex);
      for (let at = 0; at < frame.length; at++) {
        for (let value = 0; value < 256; value++) {
          const changed = Buffer.from(frame);
          changed[at] = value;
          outcomes.add(outcomeOf(changed));
        }
      }
    }

    expect([...outcomes].sort()).to.deep.equal(['RSC_PROTOCOL_VIOLATION', 'a frame']);
  });
});

function outcomeOf(bytes: Buffer): string {
  try {
    parseFrame(bytes);
    return 'a frame';
  } catch (error) {
    return error instanceof RscError ? error.code : String(error);
  }
}

describe('protocol.cddl', () => {
  const cddl = readFileSync(join(__dirname, '../../../packages/core/src/protocol/protocol.cddl'), 'utf8');
  const rules = [...cddl.matchAll(/^(\w+) = \[(\d+)/gm)].map(
    (match) => [match[1]!, Number(match[2])] as const,
  );

  it('gives the frames the numbers that the code gives them', () => {
    expect(Object.fromEntries(rules)).to.deep.equal(FrameType);
  });

  it('lists all its frames in the rule frame', () => {
    const choice = /^frame = (.+)$/m.exec(cddl)?.[1]?.split(' / ').sort();

    expect(choice).to.deep.equal(rules.map(([name]) => name).sort());
  });

  it('has the fields of each example frame, in order', () => {
    const documented = new Map(rules.map(([name]) => [name, fieldsIn(cddl, name)]));

    for (const [hex, frame] of controlFrames) {
      const [, ...fields] = codec.decode(bodyOf(hex)) as unknown[];
      const first = fields[0];
      const names = isMap(first) ? Object.keys(first) : Object.keys(frame).filter((name) => name !== 'type');
      const known = documented.get(frame.type) ?? [];
      expect(
        known.filter((name) => names.includes(name)),
        frame.type,
      ).to.deep.equal(names);
    }
  });

  it('has the fields of a call and a reply in the order of the example', () => {
    expect([fieldsIn(cddl, 'call'), fieldsIn(cddl, 'reply')]).to.deep.equal([
      ['stream', 'twin', 'number', 'blocking', 'args', 'segments', 'bytes'],
      ['stream', 'result', 'bytes'],
    ]);
    expect(codec.decode(bytesOf(readCall))).to.have.length(7);
    expect(codec.decode(bytesOf(readReply))).to.deep.equal([2, 7, 5, Buffer.from('hello')]);
  });
});

/** The names of a frame's fields, or of the keys of its map, as the CDDL has them. */
function fieldsIn(cddl: string, rule: string): string[] {
  const body = new RegExp(`^${rule} = \\[\\d+(.*?)\\]`, 'ms').exec(cddl)?.[1] ?? '';
  const code = body.replaceAll(/;.*$/gm, '').replaceAll(/\* tstr => any/g, '');
  return code
    .split(/[,{}\n]/)
    .map((field) => /^[\s?*]*"?(\w+)"?/.exec(field)?.[1])
    .filter((name) => name !== undefined);
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
}
