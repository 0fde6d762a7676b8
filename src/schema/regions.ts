/** The copies of functions and views in the migrations, each between the lines that name its home. */

export interface Region {
  readonly home: string;
  /** Line of the marker in the body, from 0. */
  readonly line: number;
  /** What stands between the marker and the end line; undefined when nothing was filled in yet. */
  readonly text: string | undefined;
}

/** A marker on its own, or a marker with the region that an earlier run filled. */
export const regionPattern = /^-- include: (\S+)(?: \(.*\))?$(?:\n((?:(?!^-- include: )[^\n]*\n)*?)-- end of \1$)?/gm;

/** The regions of a body, first to last. */
export function regionsOf(body: string): Region[] {
  return [...body.matchAll(regionPattern)].map((match) => ({
    home: match[1]!,
    line: body.slice(0, match.index).split('\n').length - 1,
    text: match[2]?.trim(),
  }));
}
