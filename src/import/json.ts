/**
 * Splits a JSON file into the elements of its arrays, byte by byte and without understanding them.
 *
 * It only knows strings, brackets and commas. So a row that is not JSON (`NaN`, a missing comma) costs that row and
 * not the file, a file of any size needs the memory of one row, and the splitter runs at the speed of the disk. Arrays
 * are looked for at the top and under the keys of objects; an array inside an array is part of an element.
 */
import { decodeUtf8 } from './input.js';
import { type ElementSink, LARGEST_ELEMENT, type Position, type Splitter, StructureError } from './splitter.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Kinds of bytes inside an array; 0 is everything without a meaning of its own. */
const PLAIN = 0;
const BLANK = 1;
const OPENS = 2;
const CLOSES = 3;
const SEPARATES = 4;
const QUOTES = 5;

const kinds = new Uint8Array(256);
for (const byte of [0x20, 0x09, 0x0d, NEWLINE]) kinds[byte] = BLANK;
for (const byte of [OPEN_BRACKET, OPEN_BRACE]) kinds[byte] = OPENS;
for (const byte of [CLOSE_BRACKET, CLOSE_BRACE]) kinds[byte] = CLOSES;
kinds[COMMA] = SEPARATES;
kinds[QUOTE] = QUOTES;

/** More objects around an array than any format has. */
const DEEPEST_OBJECT = 16;
const LONGEST_KEY = 200;

/** What may come next outside the arrays. */
type Expected = 'value' | 'first key' | 'key' | 'colon' | 'comma' | 'nothing';

export class JsonSplitter implements Splitter {
  /** Bytes before the present chunk. */
  #before = 0;
  #line = 1;

  // Outside the arrays.
  #expected: Expected = 'value';
  readonly #keys: string[] = [];
  #token: 'none' | 'string' | 'scalar' = 'none';
  #tokenText = '';
  #tokenLength = 0;

  // Inside an array.
  #inArray = false;
  #elements = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The beginning of an element that goes on in the next chunk. */
  #carried: Buffer[] = [];
  #carriedLength = 0;
  #started = false;
  #startLine = 1;
  #startByte = 0;

  constructor(private readonly sink: ElementSink) {}

  position(): Position {
    return { line: this.#startLine, element: this.#elements, byte: this.#startByte };
  }

  feed(chunk: Buffer): void {
    let i = 0;
    while (i < chunk.length) i = this.#inArray ? this.#scanArray(chunk, i) : this.#scanOutside(chunk, i);
    this.#before += chunk.length;
  }

  finish(): void {
    if (this.#token === 'scalar' && this.#keys.length === 0) this.#endToken();
    if (this.#expected === 'nothing' && !this.#inArray && this.#token === 'none') return;
    if (this.#before === 0 || (this.#expected === 'value' && this.#token === 'none' && this.#keys.length === 0 && !this.#inArray)) {
      throw new StructureError(1, 'it is empty', 'Download or export it again, or remove it.');
    }
    const within = this.#started
      ? `inside row ${this.#elements + 1}, which begins in line ${this.#startLine}`
      : this.#inArray ? `after row ${this.#elements}, before the closing ]` : 'before the closing }';
    throw new StructureError(this.#line, `it ends ${within}`,
      'It was cut off, or a bracket or quote is not closed: download or export it again.');
  }

  /** Hot loop: from `from` to the end of the chunk or of the array; returns where it stopped. */
  #scanArray(chunk: Buffer, from: number): number {
    const length = chunk.length;
    let depth = this.#depth;
    let inString = this.#inString;
    let start = this.#started ? from : -1;
    let i = from;
    for (; i < length; i++) {
      const byte = chunk[i] as number;
      if (inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === QUOTE) inString = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === NEWLINE) {
          throw new StructureError(this.#line, `row ${this.#elements + 1} has a text without a closing quote`,
            'Close the quote, or export the file again.');
        }
        continue;
      }
      const kind = kinds[byte];
      if (kind === BLANK) {
        if (byte === NEWLINE) this.#line++;
        continue;
      }
      if (kind === SEPARATES) {
        if (depth > 0) continue;
        this.#emit(chunk, start, i);
        start = -1;
        continue;
      }
      if (kind === CLOSES && depth === 0) {
        if (byte === CLOSE_BRACE) {
          throw new StructureError(this.#line, `row ${this.#elements + 1} ends with } where the array needs ]`,
            'Mend the brackets, or export the file again.');
        }
        // A comma before the bracket leaves an empty last element; an empty array has none.
        if (start >= 0 || this.#elements > 0) this.#emit(chunk, start, i);
        this.#inArray = false;
        this.#expected = this.#keys.length > 0 ? 'comma' : 'nothing';
        this.sink.end();
        return i + 1;
      }
      if (start < 0) {
        start = i;
        this.#started = true;
        this.#startLine = this.#line;
        this.#startByte = this.#before + i;
      }
      if (kind === OPENS) depth++;
      else if (kind === CLOSES) depth--;
      else if (kind === QUOTES) inString = true;
    }
    this.#depth = depth;
    this.#inString = inString;
    if (start >= 0) this.#carry(chunk, start);
    return i;
  }

  #carry(chunk: Buffer, start: number): void {
    this.#carriedLength += chunk.length - start;
    if (this.#carriedLength > LARGEST_ELEMENT) this.#tooLarge();
    this.#carried.push(Buffer.from(chunk.subarray(start)));
  }

  #tooLarge(): never {
    throw new StructureError(this.#startLine, `row ${this.#elements + 1} has more than ${LARGEST_ELEMENT / 1024} KB`,
      'A bracket, comma or quote is missing there: mend it, or export the file again.');
  }

  #emit(chunk: Buffer, start: number, end: number): void {
    if (!this.#started) {
      this.#startLine = this.#line;
      this.#startByte = this.#before + end;
    } else if (end - start + this.#carriedLength > LARGEST_ELEMENT) this.#tooLarge();
    let text = '';
    if (this.#carriedLength > 0) {
      text = Buffer.concat([...this.#carried, chunk.subarray(0, end)]).toString('latin1');
      this.#carried = [];
      this.#carriedLength = 0;
    } else if (start >= 0) text = chunk.toString('latin1', start, end);
    this.#started = false;
    this.#depth = 0;
    this.#inString = false;
    this.#elements++;
    this.sink.element(text.charCodeAt(text.length - 1) <= 0x20 ? text.trimEnd() : text);
  }

  /** The objects around the arrays: few bytes, checked strictly. */
  #scanOutside(chunk: Buffer, from: number): number {
    for (let i = from; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (this.#token === 'string') {
        this.#scanString(byte);
        continue;
      }
      const kind = kinds[byte];
      if (this.#token === 'scalar') {
        if (kind === PLAIN && byte !== COLON) {
          this.#lengthen(byte);
          continue;
        }
        this.#endToken();
      }
      if (kind === BLANK) {
        if (byte === NEWLINE) this.#line++;
        continue;
      }
      // A byte order mark is no content.
      if (this.#before + i < 3 && (byte === 0xef || byte === 0xbb || byte === 0xbf)) continue;
      switch (this.#expected) {
        case 'value':
          if (byte === OPEN_BRACKET) {
            this.#beginArray();
            return i + 1;
          }
          if (byte === OPEN_BRACE) {
            if (this.#keys.length >= DEEPEST_OBJECT) this.#unexpected(byte, 'an array of rows, not yet another object');
            this.#keys.push('');
            this.#expected = 'first key';
          } else if (byte === QUOTE) this.#beginToken('string');
          else if (kind === PLAIN && byte !== COLON) {
            this.#beginToken('scalar');
            this.#lengthen(byte);
          } else this.#unexpected(byte, 'a value');
          break;
        case 'first key':
        case 'key':
          if (byte === QUOTE) this.#beginToken('string');
          else if (byte === CLOSE_BRACE && this.#expected === 'first key') this.#endObject();
          else this.#unexpected(byte, 'a key in quotes');
          break;
        case 'colon':
          if (byte !== COLON) this.#unexpected(byte, 'a colon');
          this.#expected = 'value';
          break;
        case 'comma':
          if (byte === COMMA) this.#expected = 'key';
          else if (byte === CLOSE_BRACE) this.#endObject();
          else this.#unexpected(byte, 'a comma or }');
          break;
        case 'nothing':
          throw new StructureError(this.#line, 'there is more after the end of the JSON value',
            'The file has to be one JSON array or object; put lines of single rows into one array.');
      }
    }
    return chunk.length;
  }

  #beginArray(): void {
    this.#inArray = true;
    this.#elements = 0;
    this.#depth = 0;
    this.sink.begin(this.#keys.join('.'));
  }

  #endObject(): void {
    this.#keys.pop();
    this.#expected = this.#keys.length > 0 ? 'comma' : 'nothing';
  }

  #beginToken(token: 'string' | 'scalar'): void {
    this.#token = token;
    this.#tokenText = '';
    this.#tokenLength = 0;
    this.#escaped = false;
  }

  #scanString(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) {
      this.#endToken();
      return;
    } else if (byte === NEWLINE) this.#unexpected(byte, 'a closing quote');
    this.#lengthen(byte);
  }

  #lengthen(byte: number): void {
    if (this.#tokenLength++ < LONGEST_KEY) this.#tokenText += String.fromCharCode(byte);
    if (this.#tokenLength > LARGEST_ELEMENT) {
      throw new StructureError(this.#line, `a text has more than ${LARGEST_ELEMENT / 1024} KB`,
        'A quote is missing there: mend it, or export the file again.');
    }
  }

  #endToken(): void {
    const isKey = this.#expected === 'first key' || this.#expected === 'key';
    this.#token = 'none';
    if (isKey) {
      this.#keys[this.#keys.length - 1] = decodeUtf8(this.#tokenText);
      this.#expected = 'colon';
    } else this.#expected = this.#keys.length > 0 ? 'comma' : 'nothing';
  }

  #unexpected(byte: number, expected: string): never {
    const found = byte === NEWLINE ? 'the end of the line' : `"${String.fromCharCode(byte)}"`;
    throw new StructureError(this.#line, `${found} stands where ${expected} is expected`,
      'The file is not JSON: check that it is what its name says, or export it again.');
  }
}
