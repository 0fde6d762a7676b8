/** Timing of things that are to be compared: in turns, so that what the machine does besides hits all of them alike. */

export type Contender = {
  readonly name: string;
  /** Rows of one round. */
  readonly rows: number;
  /** Sees to what one round needs; not measured. */
  readonly prepare?: (round: number) => Promise<void>;
} & ({ readonly run: (round: number) => Promise<unknown> } | {
  /** Tells how many seconds it took by a clock of its own. */
  readonly runTimed: (round: number) => Promise<number>;
});

export interface Timing {
  readonly name: string;
  readonly rows: number;
  /** Of each round, in order. */
  readonly seconds: readonly number[];
}

export interface InterleaveOptions {
  readonly rounds: number;
  /** Rounds before the first that counts. Default 0. */
  readonly warmUps?: number;
  /** Whether each round starts with another contender. Default true; false when one needs what another has done. */
  readonly rotate?: boolean;
  /** Done before each round. */
  readonly before?: (round: number) => Promise<void>;
}

/** Runs the contenders in turns. The timings are in the order of the contenders. */
export async function interleave(contenders: readonly Contender[], options: InterleaveOptions): Promise<Timing[]> {
  const { rounds, warmUps = 0, rotate = true, before } = options;
  const seconds: number[][] = contenders.map(() => []);
  for (let round = -warmUps; round < rounds; round++) {
    await before?.(round);
    for (let turn = 0; turn < contenders.length; turn++) {
      const index = rotate ? (turn + Math.abs(round)) % contenders.length : turn;
      const { prepare, ...contender } = contenders[index] as Contender;
      await prepare?.(round);
      const took = 'runTimed' in contender ? await contender.runTimed(round) : await timed(() => contender.run(round));
      if (round >= 0) seconds[index]?.push(took);
    }
  }
  return contenders.map(({ name, rows }, index) => ({ name, rows, seconds: seconds[index] ?? [] }));
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Median over the rounds of the ratio within a round. */
export function medianRatio(above: readonly number[], below: readonly number[]): number {
  const rounds = Math.min(above.length, below.length);
  return median(Array.from({ length: rounds }, (_, round) => above[round]! / below[round]!));
}
