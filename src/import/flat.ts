/** Reads one element of a JSON array: a flat list or object of scalars fast, anything else with lossless-json. */
import { isLosslessNumber, parse } from 'lossless-json';
import { messageOf } from '../errors/messages.js';
import { decodeUtf8 } from './input.js';

export type ElementKind = 'list' | 'object';

/** Objects inside an element whose cells are looked at. */
const DEEPEST_OBJECT = 4;

const BLANK = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * The cells of one element, overwritten by the next. A number, quoted or not, is its text; null and "" are null. A bare
 * word such as NaN is its text too: the column that it stands in refuses it by name.
 */
export class FlatElement {
  /** Number of cells. */
  count = 0;
  readonly cells: (string | null)[] = [];
  /** The keys of an object's cells: those of a flat object as they are written, else decoded. */
  readonly keys: string[] = [];
  /** Why the element could not be read. */
  problem = '';

  /** Reads an element; undefined and a `problem` when it is no list or object of scalars. */
  read(text: string): ElementKind | undefined {
    const first = text.charCodeAt(0);
    const kind = first === OPEN_BRACKET ? 'list' : first === OPEN_BRACE ? 'object' : undefined;
    if (kind === undefined) {
      this.problem = text === '' ? 'the row is empty: there is a comma too many' : 'the row is neither a list nor an object';
      return undefined;
    }
    return this.#readFlat(text, kind) || this.#readAny(text) ? kind : undefined;
  }

  /** False when the element needs a real parser, be it to read or to refuse it. */
  #readFlat(text: string, kind: ElementKind): boolean {
    const closing = kind === 'list' ? CLOSE_BRACKET : CLOSE_BRACE;
    const last = text.length - 1;
    let count = 0;
    let i = 1;
    for (;;) {
      while (text.charCodeAt(i) <= BLANK) i++;
      if (kind === 'object') {
        if (text.charCodeAt(i) !== QUOTE) return false;
        const end = closingQuote(text, i + 1);
        if (end < 0) return false;
        this.keys[count] = text.substring(i + 1, end);
        i = end + 1;
        while (text.charCodeAt(i) <= BLANK) i++;
        if (text.charCodeAt(i) !== COLON) return false;
        i++;
        while (text.charCodeAt(i) <= BLANK) i++;
      }
      const start = i;
      let code = text.charCodeAt(i);
      if (code === QUOTE) {
        const end = closingQuote(text, start + 1);
        if (end < 0) return false;
        const cell = text.substring(start + 1, end).trim();
        this.cells[count] = cell === '' ? null : cell;
        i = end + 1;
      } else {
        while (i < last && code !== COMMA && code !== closing && code > BLANK) {
          if (code === QUOTE || code === OPEN_BRACKET || code === OPEN_BRACE) return false;
          code = text.charCodeAt(++i);
        }
        if (i === start) return false;
        const cell = text.substring(start, i);
        this.cells[count] = cell === 'null' ? null : cell;
      }
      count++;
      while (text.charCodeAt(i) <= BLANK) i++;
      code = text.charCodeAt(i);
      if (code === COMMA) {
        i++;
        continue;
      }
      this.count = count;
      return code === closing && i === last;
    }
  }

  #readAny(text: string): boolean {
    let value: unknown;
    try {
      value = parse(decodeUtf8(text));
    } catch (error) {
      this.problem = `the row is not JSON: ${messageOf(error)}`;
      return false;
    }
    this.count = 0;
    if (Array.isArray(value)) for (const cell of value) this.cells[this.count++] = cellText(cell);
    else this.#addObject('', value as object, 0);
    return true;
  }

  /** An object inside an object gives its cells too; their keys are joined by dots. */
  #addObject(above: string, value: object, depth: number): void {
    for (const [key, cell] of Object.entries(value) as [string, unknown][]) {
      const isObject = typeof cell === 'object' && cell !== null && !Array.isArray(cell) && !isLosslessNumber(cell);
      if (isObject && depth < DEEPEST_OBJECT) this.#addObject(`${above}${key}.`, cell, depth + 1);
      else {
        this.keys[this.count] = above + key;
        this.cells[this.count++] = cellText(cell);
      }
    }
  }
}

function cellText(cell: unknown): string | null {
  if (cell === null || cell === undefined || cell === '') return null;
  if (typeof cell === 'string') return cell.trim();
  if (isLosslessNumber(cell)) return cell.value;
  if (typeof cell === 'object') return Array.isArray(cell) ? '[…]' : '{…}';
  return JSON.stringify(cell);
}

/** Where the string ends that begins at `from`; -1 when it has an escape or no end. */
function closingQuote(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) return i;
    if (code === BACKSLASH) return -1;
  }
  return -1;
}
