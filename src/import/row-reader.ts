/** Readers of the elements of a file, by its layout. */
import { cut, messageOf } from '../errors/messages.js';
import { isMissing, isoTimestamp } from '../types/scalars.js';
import { type DataColumn, dataColumns } from '../write/lines.js';
import type { Fields } from './batch.js';
import type { Columns } from './columns.js';
import { type Delimiter, splitRecord } from './csv.js';
import type { DateReader } from './dates.js';
import { FlatElement } from './flat.js';
import { decodeUtf8 } from './input.js';
import { type NumberFormat, plainNumber } from './numbers.js';
import { type Shape, slots, TIME_OF_DAY } from './shapes.js';

/** Where the columns are. */
export interface Layout {
  readonly shape: Shape;
  /** What a source of this shape is registered as. */
  readonly dataType: 'ohlcv' | 'simple';
  /** The data columns that the file has; the loader leaves the others of the table alone. */
  readonly columns: readonly DataColumn[];
  readonly cells: Cells;
  /** How texts are read that are neither plain numbers nor epoch or ISO times. */
  readonly formats: Formats | undefined;
  /** Elements before the first row: a header, and titles above it. */
  readonly skip: number;
  /** The last element is a candle that is still open. */
  readonly dropLast: boolean;
}

/** `width`: cells that a row must have. */
interface Positions extends Pick<Columns, 'indexes' | 'closed'> {
  readonly width: number;
}

export type Cells =
  | ({ readonly kind: 'list' } & Positions)
  | ({ readonly kind: 'record'; readonly delimiter: Delimiter } & Positions)
  /** `slots`: for each key, as it is written, the slot. */
  | { readonly kind: 'object'; readonly slots: ReadonlyMap<string, number> };

export interface Formats {
  readonly date: { readonly pattern: string; readonly read: DateReader } | undefined;
  readonly numbers: NumberFormat | undefined;
  /** Texts that say that there is no value. */
  readonly missing: ReadonlySet<string>;
}

/** Reads elements into `fields`, which the next element overwrites. */
export interface RowReader {
  /** The timestamp, then the data columns. */
  readonly fields: Fields;
  /** Why the last element could not be read. */
  readonly problem: string;
  /** The last element is a candle that is still open. */
  readonly isOpen: boolean;
  /** A bit for each field: whether the last element has it. The others are null. */
  readonly given: number;
  read(text: string): boolean;
}

export function rowReader({ cells, formats }: Pick<Layout, 'cells' | 'formats'>): RowReader {
  const reader = plainReader(cells);
  return formats === undefined ? reader : new FormatReader(reader, formats);
}

function plainReader(cells: Cells): RowReader {
  switch (cells.kind) {
    case 'list':
      return new ListReader(cells);
    case 'object':
      return new ObjectReader(cells);
    case 'record':
      return new RecordReader(cells);
  }
}

const bitsOf = (indexes: readonly number[]): number => indexes.reduce((bits, index, slot) => (index < 0 ? bits : bits | (1 << slot)), 0);

type Kind<K extends Cells['kind']> = Extract<Cells, { kind: K }>;

function emptyFields(): Fields {
  return slots.map(() => null);
}

class ListReader implements RowReader {
  readonly fields = emptyFields();
  problem = '';
  isOpen = false;
  readonly #element = new FlatElement();

  readonly given: number;

  constructor(private readonly layout: Kind<'list'>) {
    this.given = bitsOf(layout.indexes);
  }

  read(text: string): boolean {
    const element = this.#element;
    const kind = element.read(text);
    const { width, indexes, closed } = this.layout;
    if (kind !== 'list' || element.count !== width) {
      this.problem = kind === undefined ? element.problem
        : kind === 'list' ? `the row has ${element.count} cells, the others ${width}` : 'the row is an object, the others are lists';
      return false;
    }
    for (let slot = 0; slot < indexes.length; slot++) {
      const index = indexes[slot] as number;
      if (index >= 0) this.fields[slot] = element.cells[index] as string | null;
    }
    if (closed >= 0) this.isOpen = saysOpen(element.cells[closed]);
    return true;
  }
}

class ObjectReader implements RowReader {
  readonly fields = emptyFields();
  problem = '';
  isOpen = false;
  given = 0;
  readonly #element = new FlatElement();

  constructor(private readonly layout: Kind<'object'>) {}

  read(text: string): boolean {
    const element = this.#element;
    const kind = element.read(text);
    if (kind !== 'object') {
      this.problem = kind === undefined ? element.problem : 'the row is a list, the others are objects';
      return false;
    }
    this.fields.fill(null);
    this.given = 0;
    for (let i = 0; i < element.count; i++) {
      const slot = this.layout.slots.get(element.keys[i] as string);
      if (slot === undefined) continue;
      this.fields[slot] = element.cells[i] as string | null;
      this.given |= 1 << slot;
    }
    return true;
  }
}

class RecordReader implements RowReader {
  readonly fields = emptyFields();
  problem = '';
  isOpen = false;

  readonly given: number;

  constructor(private readonly layout: Kind<'record'>) {
    this.given = bitsOf(layout.indexes);
  }

  read(text: string): boolean {
    const { width, indexes, closed, delimiter } = this.layout;
    let record: string[];
    try {
      record = splitRecord(text, delimiter);
    } catch (error) {
      this.problem = `the quotes are wrong: ${messageOf(error)}`;
      return false;
    }
    if (record.length !== width) {
      this.problem = `the record has ${record.length} fields, the first one ${width}`;
      return false;
    }
    for (let slot = 0; slot < indexes.length; slot++) {
      const index = indexes[slot] as number;
      if (index < 0) continue;
      const field = record[index] as string;
      this.fields[slot] = field === '' || (field.length === 4 && field.toLowerCase() === 'null') ? null : field;
    }
    if (closed >= 0) this.isOpen = saysOpen(record[closed]);
    return true;
  }
}

function saysOpen(cell: string | null | undefined): boolean {
  return cell === '0' || cell === 'false';
}

/** Makes of the texts of another reader those that PostgreSQL and we read. */
class FormatReader implements RowReader {
  readonly fields: Fields;
  problem = '';
  isOpen = false;

  constructor(private readonly reader: RowReader, private readonly formats: Formats) {
    this.fields = reader.fields;
  }

  get given(): number {
    return this.reader.given;
  }

  read(text: string): boolean {
    const { reader, fields } = this;
    if (!reader.read(text)) {
      this.problem = reader.problem;
      return false;
    }
    this.isOpen = reader.isOpen;
    const { date, numbers, missing } = this.formats;
    const time = fields[TIME_OF_DAY] ?? null;
    if (time !== null && fields[0] !== null) fields[0] = `${fields[0]} ${time}`;
    if (date !== undefined && fields[0] !== null) {
      const ms = date.read(fields[0] as string);
      if (Number.isNaN(ms)) {
        this.problem = `timestamp: "${cut(decodeUtf8(fields[0] as string), 40)}" is no date of the form ${date.pattern}`;
        return false;
      }
      fields[0] = isoTimestamp(ms);
    }
    for (let slot = 1; slot <= dataColumns.length; slot++) {
      const cell = fields[slot] ?? null;
      if (cell === null) continue;
      if (missing.has(decodeUtf8(cell)) || isMissing(cell)) fields[slot] = null;
      else if (numbers !== undefined) {
        const number = plainNumber(cell, numbers);
        if (number === undefined) {
          this.problem = `${slots[slot]}: "${cut(decodeUtf8(cell), 40)}" is not a number with the decimal sign ${numbers.decimal}`;
          return false;
        }
        fields[slot] = number;
      }
    }
    return true;
  }
}
