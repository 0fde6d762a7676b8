/** Numbers that are written for people: `97,500.10`, `97.500,10`, `1.25M`, `$5`. Their digits stay, as text. */
import { isNumber } from '../types/scalars.js';
import { decodeUtf8 } from './input.js';

export interface NumberFormat {
  /** The other sign, a blank or an apostrophe may group thousands. */
  readonly decimal: '.' | ',';
  /** What may stand before or after a number, and the power of ten that it stands for. */
  readonly units: ReadonlyMap<string, number>;
}

/** No per cent: some mean 5 by 5 %, others 0.05. */
const usualUnits = new Map([['K', 3], ['k', 3], ['M', 6], ['B', 9], ['T', 12], ['$', 0], ['€', 0], ['£', 0]]);

const wholes: Readonly<Record<NumberFormat['decimal'], RegExp>> = {
  '.': /^(\d+|[1-9]\d{0,2}(?:[, '\u00a0\u202f]\d{3})+)?(?:\.(\d*))?([eE][+-]?\d+)?$/,
  ',': /^(\d+|[1-9]\d{0,2}(?:[. '\u00a0\u202f]\d{3})+)?(?:,(\d*))?([eE][+-]?\d+)?$/,
};

/** The number as PostgreSQL reads it; undefined when it is none in this format. */
export function plainNumber(text: string, { decimal, units }: NumberFormat): string | undefined {
  let rest = decodeUtf8(text).trim();
  let sign = '';
  let power = 0;
  const takeSign = (): void => {
    if (sign !== '' || !/^[+-]/.test(rest)) return;
    sign = rest.charAt(0);
    rest = rest.slice(1).trimStart();
  };
  takeSign();
  for (const [unit, exponent] of units) {
    if (rest.endsWith(unit)) rest = rest.slice(0, -unit.length).trimEnd();
    else if (exponent === 0 && rest.startsWith(unit)) rest = rest.slice(unit.length).trimStart();
    else continue;
    power += exponent;
  }
  takeSign();
  const parts = wholes[decimal].exec(rest);
  if (parts === null) return undefined;
  const [, whole = '', fraction = '', exponent = ''] = parts;
  if (whole + fraction === '' || (exponent !== '' && power !== 0)) return undefined;
  return `${sign}${whole.replace(/\D/g, '') || '0'}${fraction === '' ? '' : `.${fraction}`}${exponent}${power === 0 ? '' : `e${power}`}`;
}

/** Whether the text is a number in some spelling. */
export function resemblesNumber(text: string): boolean {
  return (['.', ','] as const).some((decimal) => plainNumber(text, { decimal, units: usualUnits }) !== undefined);
}

/**
 * The formats in which the cells of a sample may be written; none when they are plain numbers. Each cell that only one
 * of them can read is evidence, and evidence for both is for neither.
 */
export function guessNumbers(cells: readonly string[]): NumberFormat[] {
  if (cells.every(isNumber)) return [];
  const formats = (['.', ','] as const).map((decimal) => ({ decimal, units: usualUnits }));
  const readings = cells.map((cell) => formats.map((format) => plainNumber(cell, format)));
  if (!cells.some((cell, i) => !isNumber(cell) && readings[i]?.some((reading) => reading !== undefined))) return [];
  const evidence = formats.map((_, i) => readings.some((reading) => reading[i] !== undefined && reading[1 - i] === undefined));
  if (evidence[0] !== evidence[1]) return formats.filter((_, i) => evidence[i]);
  if (evidence[0]) return [];
  return readings.every(([point, comma]) => point === comma) ? formats.slice(0, 1) : formats;
}
