/**
 * Splits a CSV file into records, and a record into fields. A line break inside quotes does not end a record; a quote
 * opens only at the beginning of a field. Plain records are cut at the delimiter; those with quotes go to csv-parse.
 */
import { parse } from 'csv-parse/sync';
import { type ElementSink, LARGEST_ELEMENT, type Position, type Splitter, StructureError } from './splitter.js';

const QUOTE = 0x22;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

export const delimiters = [',', ';', '\t', '|'] as const;

export type Delimiter = (typeof delimiters)[number];

const opensField = new Uint8Array(256);
for (const character of [...delimiters, '\n', '"']) opensField[character.charCodeAt(0)] = 1;

export class CsvSplitter implements Splitter {
  #before = 0;
  #line = 1;
  #records = 0;
  #inQuotes = false;
  #quoteLine = 1;
  #previous = NEWLINE;
  #carried: Buffer[] = [];
  #carriedLength = 0;
  #startLine = 1;
  #startByte = 0;
  #positionLine = 1;
  #positionByte = 0;
  #begun = false;

  /**
   * `skipLines`: lines at the beginning that are no records, whatever is in them. `quote`: the byte that quotes; -1 where each line
   * is a record.
   */
  constructor(private readonly sink: ElementSink, private readonly skipLines = 0, private readonly quote = QUOTE) {}

  position(): Position {
    return { line: this.#positionLine, element: this.#records, byte: this.#positionByte };
  }

  feed(chunk: Buffer): void {
    if (!this.#begun) {
      this.#begun = true;
      this.sink.begin('');
    }
    const length = chunk.length;
    let start = 0;
    while (this.#line <= this.skipLines && start < length) {
      if (chunk[start++] !== NEWLINE) continue;
      this.#startLine = ++this.#line;
      this.#startByte = this.#before + start;
    }
    let previous = this.#previous;
    for (let i = start; i < length; i++) {
      const byte = chunk[i] as number;
      if (byte === this.quote) {
        if (this.#inQuotes) this.#inQuotes = false;
        else if (opensField[previous] === 1) {
          this.#inQuotes = true;
          this.#quoteLine = this.#line;
        }
      } else if (byte === NEWLINE) {
        this.#line++;
        if (!this.#inQuotes) {
          this.#emit(chunk, start, i);
          start = i + 1;
        }
      }
      previous = byte;
    }
    this.#previous = previous;
    if (start < length) {
      this.#carriedLength += length - start;
      if (this.#carriedLength > LARGEST_ELEMENT) this.#tooLarge();
      this.#carried.push(Buffer.from(chunk.subarray(start)));
    }
    this.#before += length;
  }

  finish(): void {
    if (this.#inQuotes) {
      throw new StructureError(this.#quoteLine, 'it ends inside a quoted field',
        'It was cut off, or a quote is not closed: download or export it again.');
    }
    if (this.#carriedLength > 0) this.#emit(Buffer.alloc(0), 0, 0);
    if (this.#records === 0 && this.quote === QUOTE) {
      throw new StructureError(1, 'it is empty', 'Download or export it again, or remove it.');
    }
    this.sink.end();
  }

  #tooLarge(): never {
    throw new StructureError(this.#startLine, `the record has more than ${LARGEST_ELEMENT / 1024} KB`,
      'A quote or line break is missing there: mend it, or export the file again.');
  }

  #emit(chunk: Buffer, start: number, end: number): void {
    this.#positionLine = this.#startLine;
    this.#positionByte = this.#startByte;
    this.#startLine = this.#line;
    this.#startByte = this.#before + end + 1;
    if (end - start + this.#carriedLength > LARGEST_ELEMENT) this.#tooLarge();
    let text: string;
    if (this.#carriedLength > 0) {
      text = Buffer.concat([...this.#carried, chunk.subarray(0, end)]).toString('latin1');
      this.#carried = [];
      this.#carriedLength = 0;
    } else text = chunk.toString('latin1', start, end);
    if (text.charCodeAt(text.length - 1) === RETURN) text = text.slice(0, -1);
    if (this.#records === 0 && text.startsWith('\xef\xbb\xbf')) text = text.slice(3);
    if (text.trim() === '') return;
    this.#records++;
    this.sink.element(text);
  }
}

/** The delimiter that is most frequent in the first record; a comma when there is none. */
export function guessDelimiter(record: string): Delimiter {
  const bare = record.replace(/"[^"]*"/g, '');
  const count = (delimiter: string): number => bare.split(delimiter).length;
  return delimiters.reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

/** The fields of a record without surrounding blanks. Throws when its quotes are wrong. */
export function splitRecord(record: string, delimiter: Delimiter): string[] {
  if (!record.includes('"')) {
    const fields = record.split(delimiter);
    for (let i = 0; i < fields.length; i++) fields[i] = (fields[i] as string).trim();
    return fields;
  }
  const [fields] = parse(record, { delimiter, trim: true, relax_column_count: true, to: 1 });
  return fields ?? [];
}
