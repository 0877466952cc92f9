import { expect } from 'chai';
import { median, parseSamples } from './samples';
import { tableOf, throughput, time } from './table';

describe('the table of the benchmark', () => {
  it('reads the samples of a program', () => {
    expect(parseSamples('stat 3 1 2\nread 10\n')).to.deep.equal(
      new Map([
        ['stat', [3, 1, 2]],
        ['read', [10]],
      ]),
    );
  });

  it('takes the middle one of the samples', () => {
    expect(median([5, 100, 1, 7, 6])).to.equal(6);
  });

  it('tells times and throughput in fitting units', () => {
    expect([time(116.2), time(12_540), time(7_500_000), throughput(308_405)]).to.deep.equal([
      '116 ns',
      '12.5 us',
      '7.5 ms',
      '3.40 GB/s',
    ]);
  });

  it('puts pinned and free side by side, and says which target is met', () => {
    const pinned = [
      { what: 'null call', value: '24 us', ratio: 1.9, unit: 'RTT', target: { most: 2.2 } },
      { what: 'write', value: '1 GB/s', ratio: 0.28, unit: '%', target: { least: 0.3 } },
    ];
    const free = [
      { what: 'null call', value: '80 us', ratio: 2, unit: 'RTT' },
      { what: 'write', value: '1 GB/s' },
    ];
    expect(tableOf(pinned, free).split('\n')).to.deep.equal([
      '| what      | pinned |    ratio |         target |   free |    ratio |',
      '|-----------|-------:|---------:|---------------:|-------:|---------:|',
      '| null call |  24 us | 1.90 RTT |     <= 2.2 met |  80 us | 2.00 RTT |',
      '| write     | 1 GB/s |     28 % | >= 30 % MISSED | 1 GB/s |          |',
    ]);
  });
});
