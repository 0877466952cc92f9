import { expect } from 'chai';
import { bucketOf, Fate, Meter, meterMemory, middleOf, readMeter } from '@rsc/core/tracer/meter';

describe('the meter', () => {
  it('counts calls by what became of them', () => {
    const memory = meterMemory();
    const meter = new Meter(memory);
    for (const fate of [Fate.remote, Fate.local, Fate.remote, Fate.denied]) meter.count(fate);

    expect(readMeter(memory)).to.deep.equal({
      local: 1,
      remote: 2,
      denied: 1,
      p50: undefined,
      p99: undefined,
    });
  });

  it('knows a time to within an eighth, from a microsecond to four seconds', () => {
    for (let ns = 1000; ns < 4e9; ns = Math.ceil(ns * 1.07)) {
      expect(Math.abs(middleOf(bucketOf(ns)) - ns) / ns, `${ns} ns`).to.be.below(1 / 8);
    }
  });

  it('puts longer times behind shorter ones, and what is beyond its range at its ends', () => {
    const buckets = [0, 1, 8, 9, 500, 1e6, 4e9, 1e12].map(bucketOf);

    expect(buckets).to.deep.equal([...buckets].sort((one, other) => one - other));
    expect(bucketOf(1e12)).to.be.below(256);
  });

  it('reads quantiles from what was measured', () => {
    const memory = meterMemory();
    const meter = new Meter(memory);
    const now = performance.now();
    for (let trip = 0; trip < 98; trip++) meter.arrive(now - 10);
    for (let trip = 0; trip < 2; trip++) meter.arrive(now - 1000);
    const { p50 = 0, p99 = 0 } = readMeter(memory);

    expect(p50).to.be.within(9_000, 100_000);
    expect(p99).to.be.within(900_000, 1_500_000);
  });

  it('measures the first round trips, and later one of sixteen', () => {
    const meter = new Meter(meterMemory());
    const measured = Array.from({ length: 64 + 160 }, () => meter.depart()).filter((time) => time !== 0);

    expect(measured).to.have.length(64 + 10);
  });
});
