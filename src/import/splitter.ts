/** What the JSON and the CSV splitter have in common. */

/** Largest element (a JSON row, a CSV record) in bytes. A real row has some hundred. */
export const LARGEST_ELEMENT = 1024 * 1024;

/**
 * Where an element begins. Lines and elements count from 1, bytes from 0, in the uncompressed file; the header of a CSV
 * file is its first element.
 */
export interface Position {
  readonly line: number;
  readonly element: number;
  readonly byte: number;
}

/** Receives the elements of a file. */
export interface ElementSink {
  /** An array of elements begins; `path` names the keys above it (`result.XXBTZUSD`), '' at the top and for CSV. */
  begin(path: string): void;
  /** One element: its bytes as latin1 text, without surrounding blanks. Ask the splitter for its position. */
  element(text: string): void;
  /** The array has ended. */
  end(): void;
}

/** Cuts chunks of bytes into elements; holds no more than one element. */
export interface Splitter {
  /** Position of the element just handed to the sink. */
  position(): Position;
  /** Takes the next bytes; does not keep the chunk. Throws a {@link StructureError}. */
  feed(chunk: Buffer): void;
  /** No more bytes. Throws a {@link StructureError} when something is missing. */
  finish(): void;
}

/** The file as a whole is not what its name says. */
export class StructureError extends Error {
  override readonly name = 'StructureError';

  constructor(
    readonly line: number,
    message: string,
    /** How to mend it. */
    readonly hint: string,
  ) {
    super(message);
  }
}
