/** One measurement: what it took, and how that compares with what it is compared with. */
export interface Measurement {
  readonly what: string;
  readonly value: string;
  /** Times the base, or the part of it. */
  readonly ratio?: number;
  readonly unit?: string;
  /** The ratio is to be at most, or at least, this. */
  readonly target?: { readonly most: number } | { readonly least: number };
}

export function time(ns: number): string {
  if (ns < 1e3) return `${ns.toFixed(0)} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toFixed(1)} us`;
  return `${(ns / 1e6).toFixed(1)} ms`;
}

/** The throughput of who takes this long for a MiB. */
export function throughput(nsPerMiB: number): string {
  return `${((1 << 20) / nsPerMiB).toFixed(2)} GB/s`;
}

/** A table in Markdown: a row for each thing measured, pinned to one CPU and left free. */
export function tableOf(pinned: readonly Measurement[], free: readonly Measurement[]): string {
  const head = ['what', 'pinned', 'ratio', 'target', 'free', 'ratio'];
  const rows = pinned.map((row, i) => {
    const other = free[i];
    return [
      row.what,
      row.value,
      ratioOf(row),
      verdictOn(row),
      other?.value ?? '',
      other ? ratioOf(other) : '',
    ];
  });
  return layOut([head, ...rows]);
}

/** Rows of cells as a Markdown table with even columns, the first row as its head. */
export function layOut(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, i) => (i === 0 ? (cells[i] ?? '').padEnd(width) : (cells[i] ?? '').padStart(width))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...rows.slice(1).map(line)].join('\n');
}

function ratioOf({ ratio, unit = '' }: Measurement): string {
  if (ratio === undefined) return '';
  if (unit === '%') return `${(ratio * 100).toFixed(0)} %`;
  return `${ratio.toFixed(ratio < 100 ? 2 : 0)} ${unit}`.trimEnd();
}

function verdictOn({ ratio, unit = '', target }: Measurement): string {
  if (ratio === undefined || target === undefined) return '';
  const [sign, limit] = 'most' in target ? ['<=', target.most] : ['>=', target.least];
  const met = 'most' in target ? ratio <= limit : ratio >= limit;
  return `${sign} ${unit === '%' ? `${limit * 100} %` : limit} ${met ? 'met' : 'MISSED'}`;
}
