/** Published bugs that lose or damage data of a database like this one, in versions that it runs on. */
export interface KnownBug {
  readonly product: 'PostgreSQL' | 'TimescaleDB';
  /** From the first version that has it to the first that has it no more. */
  readonly versions: readonly (readonly [from: string, until: string])[];
  readonly what: string;
  readonly source: string;
}

export const knownBugs: readonly KnownBug[] = [
  {
    product: 'PostgreSQL',
    versions: [['14.0', '14.4']],
    what: 'create index concurrently and reindex concurrently may leave rows out of the index',
    source: 'https://www.postgresql.org/docs/release/14.4/',
  },
  {
    product: 'PostgreSQL',
    versions: [['15.0', '15.5'], ['16.0', '16.1']],
    what: 'GiST indexes, and B-tree indexes of intervals, may give wrong answers; reindex them after the upgrade',
    source: 'https://www.postgresql.org/docs/release/15.5/',
  },
  {
    product: 'PostgreSQL',
    versions: [['15.0', '15.9'], ['16.0', '16.5'], ['17.0', '17.1']],
    what: 'VACUUM beside GRANT may lose a change of the catalog, after which an index is not kept up to date',
    source: 'https://www.postgresql.org/docs/release/17.1/',
  },
  {
    product: 'PostgreSQL',
    versions: [['15.9', '15.10'], ['16.5', '16.6'], ['17.1', '17.2']],
    what: 'a TimescaleDB that was built for another minor version may crash on it',
    source: 'https://www.postgresql.org/docs/release/17.2/',
  },
  {
    product: 'TimescaleDB',
    versions: [['2.21', '2.26']],
    what: 'insert … select from a compressed hypertable loses rows with direct compress, which is off by default',
    source: 'https://github.com/timescale/timescaledb/pull/9381',
  },
  {
    product: 'TimescaleDB',
    versions: [['2.23', '2.26.4']],
    what: 'merging chunks may damage them when their compression settings differ, or when two sessions do it at once',
    source: 'https://github.com/timescale/timescaledb/pull/9655',
  },
  {
    product: 'TimescaleDB',
    versions: [['2.23', '2.28.3']],
    what: 'delete … where x = any (array with a null) from compressed chunks deletes more rows than it should',
    source: 'https://github.com/timescale/timescaledb/pull/10254',
  },
];

/** Compares the numbers of two versions; a suffix such as -dev does not count. */
export function isOlder(version: string, than: string): boolean {
  const numbers = (text: string): number[] => text.replace(/[^0-9.].*$/, '').split('.').map(Number);
  const [mine, theirs] = [numbers(version), numbers(than)];
  for (const [i, wanted] of theirs.entries()) {
    const have = mine[i] ?? 0;
    if (have !== wanted) return have < wanted;
  }
  return false;
}

/** The bugs that a version has, each with the version that mends it. */
export function bugsOf(product: KnownBug['product'], version: string): (KnownBug & { readonly until: string })[] {
  return knownBugs.filter((bug) => bug.product === product).flatMap((bug) => {
    const range = bug.versions.find(([from, until]) => !isOlder(version, from) && isOlder(version, until));
    return range ? [{ ...bug, until: range[1] }] : [];
  });
}
