/**
 * The tokens of SQL for layout: those of PostgreSQL's scanner, with two differences. The body of a function or of DO is
 * code and gives its own tokens; any other dollar-quoted string is data. A parameter of pgTyped, `:name!`, is one token.
 */
import { scan, type Token } from '../queries/grammar.js';

export interface Piece extends Omit<Token, 'kind'> {
  /** Unread: from here on the text cannot be scanned. */
  readonly kind: Token['kind'] | 'body quote' | 'unread';
}

export function readPieces(text: string, offset = 0): Piece[] {
  const tokens = scan(text);
  if (!tokens) return [{ kind: 'unread', start: offset, end: offset + text.length, text }];
  const pieces: Piece[] = [];
  for (const token of tokens) {
    const piece: Piece = { ...token, start: token.start + offset, end: token.end + offset };
    const last = pieces.at(-1);
    const touches = last?.end === piece.start;
    const body = piece.kind === 'dollar string' && isCodeNext(pieces) ? readBody(piece) : undefined;
    if (body) {
      pieces.push(...body);
    } else if (touches && last.text === ':' && isWord(piece)) {
      pieces[pieces.length - 1] = { kind: 'parameter', start: last.start, end: piece.end, text: `:${piece.text}` };
    } else if (touches && /^:\w+$/.test(last.text) && piece.text.startsWith('!')) {
      // PostgreSQL reads the ! together with an operator that follows.
      pieces[pieces.length - 1] = { ...last, end: last.end + 1, text: `${last.text}!` };
      if (piece.text.length > 1) pieces.push({ ...piece, start: piece.start + 1, text: piece.text.slice(1) });
    } else {
      pieces.push(piece);
    }
  }
  return pieces;
}

/** After `as`, `do` and `do language plpgsql`. */
function isCodeNext(pieces: readonly Piece[]): boolean {
  const [third, second, last] = [undefined, undefined, undefined, ...pieces.filter((piece) => !isComment(piece))].slice(-3)
    .map((piece) => piece?.text.toLowerCase());
  return last === 'as' || last === 'do' || (third === 'do' && second === 'language');
}

/** Undefined when it is not SQL: it may be a body in another language. */
function readBody({ start, end, text }: Piece): Piece[] | undefined {
  const quote = /^\$[^$]*\$/.exec(text)![0];
  const inner = readPieces(text.slice(quote.length, -quote.length), start + quote.length);
  if (inner.some(({ kind }) => kind === 'unread')) return undefined;
  return [
    { kind: 'body quote', start, end: start + quote.length, text: quote },
    ...inner,
    { kind: 'body quote', start: end - quote.length, end, text: quote },
  ];
}

export function isComment({ kind }: Pick<Piece, 'kind'>): boolean {
  return kind === 'line comment' || kind === 'block comment';
}

/** A keyword or a name that is not quoted; PostgreSQL folds its letters from A to Z. */
export function isWord({ kind, text }: Pick<Piece, 'kind' | 'text'>): boolean {
  return kind === 'other' && /^[a-z_][\w$]*$/i.test(text);
}

/** What PostgreSQL and pgTyped read, to be compared: all tokens, with words as they are folded. */
export function foldedTokens(text: string): string {
  return JSON.stringify(readPieces(text).map((piece) => {
    if (isComment(piece)) return piece.text.replace(/[^\S\n]+$/gm, '');
    return isWord(piece) ? piece.text.toLowerCase() : piece.text;
  }));
}
