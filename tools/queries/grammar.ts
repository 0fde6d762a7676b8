/**
 * PostgreSQL's own scanner and parser. Offsets are in UTF-16 units, as JavaScript counts; the parser's `location`s are
 * in bytes, see `byteOffsets`.
 */
import { loadModule, parseSync, scanSync, type ParseResult } from 'libpg-query';

await loadModule();

export type TokenKind = 'line comment' | 'block comment' | 'semicolon' | 'dollar string' | 'string' | 'parameter' | 'other';

export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The tokens of a text, comments included; undefined when a string, quoted name or comment in it does not end. */
export function scan(text: string): Token[] | undefined {
  let tokens;
  try {
    ({ tokens } = scanSync(text));
  } catch {
    // It fails in nothing else, and says no more about it.
    return undefined;
  }
  const offset = byteOffsets(text);
  return tokens.map(({ start, end, text: token, tokenName }) => ({
    kind: kindOf(tokenName, token),
    start: offset(start),
    end: offset(end),
    text: token,
  }));
}

function kindOf(tokenName: string, token: string): TokenKind {
  switch (tokenName) {
    case 'SQL_COMMENT':
      return 'line comment';
    case 'C_COMMENT':
      return 'block comment';
    case 'ASCII_59':
      return 'semicolon';
    case 'PARAM':
      return 'parameter';
    case 'SCONST':
      return token.startsWith('$') ? 'dollar string' : 'string';
    default:
      return 'other';
  }
}

export interface SyntaxProblem {
  readonly message: string;
  readonly offset: number;
}

/** The parse tree of a statement, or what is wrong with it. */
export function parse(text: string): { readonly tree: ParseResult } | { readonly error: SyntaxProblem } {
  try {
    return { tree: parseSync(text) };
  } catch (caught) {
    const { message, sqlDetails } = caught as Error & { sqlDetails?: { cursorPosition: number } };
    return { error: { message, offset: utf16Offset(text, Math.max(0, sqlDetails?.cursorPosition ?? 0)) } };
  }
}

/** Turns offsets in the bytes of a text into offsets in the text. */
export function byteOffsets(text: string): (bytes: number) => number {
  const encoded = Buffer.from(text);
  if (encoded.length === text.length) return (bytes) => bytes;
  return (bytes) => encoded.toString('utf8', 0, bytes).length;
}

/** Turns an offset in characters, as PostgreSQL and pgTyped count, into one in UTF-16 units. */
export function utf16Offset(text: string, characters: number): number {
  if (!/[\ud800-\udfff]/.test(text)) return characters;
  return [...text].slice(0, characters).join('').length;
}
