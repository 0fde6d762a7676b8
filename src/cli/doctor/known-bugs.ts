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
    versions: [['15.0', '15.5'], ['16.0', '16.1']],
    what: 'GiST indexes, and B-tree indexes of intervals, may give wrong answers; reindex them after the upgrade',
    source: 'https://www.postgresql.org/docs/release/15.5/',
  },
  {
    product: 'PostgreSQL',
    versions: [['15.0', '15.9'], ['16.0', '16.5'], ['17.0', '17.1']],
    what: 'a change of the catalog may be lost, after which a new index is not kept up to date',
    source: 'https://www.postgresql.org/docs/release/15.9/',
  },
  {
    product: 'PostgreSQL',
    versions: [['15.9', '15.10'], ['16.5', '16.6'], ['17.1', '17.2']],
    what: 'it is not compatible with a TimescaleDB that was built for another minor version',
    source: 'https://www.postgresql.org/docs/release/15.10/',
  },
  {
    product: 'PostgreSQL',
    versions: [['15.0', '15.11'], ['16.0', '16.7'], ['17.0', '17.3']],
    what: 'rows that are gone may come back, or files be damaged, when VACUUM cannot shorten a file or the machine stops meanwhile',
    source: 'https://www.postgresql.org/docs/release/15.11/',
  },
  {
    product: 'PostgreSQL',
    versions: [['18.0', '18.6']],
    what: 'the visibility map may be wrong after a crash, by which index-only scans give wrong answers, and incremental backups may lack changes',
    source: 'https://www.postgresql.org/docs/release/18.6/',
  },
  {
    product: 'TimescaleDB',
    versions: [['2.23', '2.26.4']],
    what: 'merge_chunks() damages chunks that were compressed with different settings',
    source: 'https://github.com/timescale/timescaledb/pull/9655',
  },
  {
    product: 'TimescaleDB',
    versions: [['2.23', '2.28.3']],
    what: 'delete … where source_id <> any (array with a null) from compressed chunks deletes more rows than it should',
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
