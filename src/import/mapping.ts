/** What `sources.json` says about a file in the field `import`. docs/import.md explains it. */
import { type DataColumn, dataColumns } from '../write/lines.js';
import { type Delimiter, delimiters } from './csv.js';
import { dateReader } from './dates.js';

/** A column by its name, or by its position counted from 1. */
export type ColumnPlace = string | number;

export interface Mapping {
  /** JSON: the keys above the array of rows, joined by dots. */
  readonly rows?: string;
  /** CSV: lines above the header, or above the first row when there is none. */
  readonly skip_lines?: number;
  readonly delimiter?: Delimiter;
  /** CSV: whether the first record names the columns. */
  readonly header?: boolean;
  /** The time of day may be a column of its own: `["Date", "Time"]`. */
  readonly columns?: { readonly timestamp?: ColumnPlace | readonly ColumnPlace[] } & { readonly [column in DataColumn]?: ColumnPlace };
  /** `DD.MM.YYYY HH:mm` and the like. */
  readonly date_format?: string;
  readonly decimal?: '.' | ',';
  /** What may stand beside a number, and by how much it multiplies: powers of ten. */
  readonly units?: Readonly<Record<string, number>>;
  /** Texts that say that there is no value. */
  readonly missing?: readonly string[];
}

type Check = (value: unknown) => string | undefined;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isPlace = (value: unknown): boolean => isText(value) || (Number.isInteger(value) && (value as number) >= 1);
const listed = (values: readonly string[]): string => values.map((value) => JSON.stringify(value)).join(', ');

/** The power of ten of a factor, undefined when it is none. */
export function powerOfTen(factor: unknown): number | undefined {
  const power = Math.round(Math.log10(Number(factor)));
  return typeof factor === 'number' && Number(`1e${power}`) === factor ? power : undefined;
}

function isColumn([column, place]: [string, unknown]): boolean {
  if (column === 'timestamp' && Array.isArray(place)) return place.length === 2 && place.every(isPlace);
  return (column === 'timestamp' || (dataColumns as readonly string[]).includes(column)) && isPlace(place);
}

const checks: Readonly<Record<keyof Mapping, Check>> = {
  rows: (value) => (typeof value === 'string' ? undefined : 'a text: the keys above the rows, joined by dots'),
  skip_lines: (value) => (Number.isInteger(value) && (value as number) >= 0 ? undefined : 'a number of lines'),
  delimiter: (value) => ((delimiters as readonly unknown[]).includes(value) ? undefined : `one of ${listed(delimiters)}`),
  header: (value) => (typeof value === 'boolean' ? undefined : 'true or false'),
  columns: (value) => (isObject(value) && 'timestamp' in value && Object.keys(value).length > 1 && Object.entries(value).every(isColumn)
    ? undefined : `an object of timestamp and some of ${dataColumns.join(', ')}, each with a name or a position from 1 on`),
  date_format: (value) => (isText(value) && dateReader(value) !== undefined ? undefined : 'a pattern such as "DD.MM.YYYY HH:mm"'),
  decimal: (value) => (value === '.' || value === ',' ? undefined : '"." or ","'),
  units: (value) => (isObject(value) && Object.entries(value).every(([unit, factor]) => unit !== '' && powerOfTen(factor) !== undefined)
    ? undefined : 'an object of powers of ten, such as {"K": 1000, "%": 0.01}'),
  missing: (value) => (Array.isArray(value) && value.every(isText) ? undefined : 'a list of texts'),
};

/** What is wrong with a mapping, and where; undefined when nothing is. */
export function mappingProblem(value: unknown): { readonly field: string; readonly value: unknown; readonly expected: string } | undefined {
  if (!isObject(value)) return { field: 'import', value, expected: `an object of ${Object.keys(checks).join(', ')}` };
  for (const [key, part] of Object.entries(value)) {
    const check = Object.hasOwn(checks, key) ? checks[key as keyof Mapping] : undefined;
    const expected = check === undefined ? `one of ${Object.keys(checks).join(', ')}` : check(part);
    if (expected !== undefined) return { field: `import.${key}`, value: part, expected };
  }
  return undefined;
}
