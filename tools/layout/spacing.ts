/** The space between two tokens of a line of SQL. */
import { isComment, isWord, type Piece } from './pieces.js';

/** Operators that always have two sides. */
const binary = /^(=|<>|!=|<|>|<=|>=|=>|:=|\|\||\/|->>?|#>>?|@>|<@|&&)$/;
/** Those that may be signs, or stand for all columns. */
const ambiguous = /^[-+*%]$/;
/** Never the name of a function: what they stand before in parentheses is not its arguments. */
const spacedKeywords = /^(and|or|not|in|as|on|when|then|else|case|where|having|select|from|values|over|filter|check|using)$/i;

/** What should stand before pieces[i], where gaps[i] does and no line breaks. */
export function spaceBefore(pieces: readonly Piece[], gaps: readonly string[], i: number): string {
  const [before, gap, after] = [pieces[i - 1]!, gaps[i]!, pieces[i]!];
  const kept = gap === '' ? '' : ' ';
  if (isComment(after)) return gap === '' ? ' ' : gap.replaceAll(/\s/g, ' ');
  if (isComment(before) || before.kind === 'body quote' || after.kind === 'body quote') return kept;
  const [left, right] = [before.text, after.text];
  if (right === ',' || right === ';') return '';
  if (left === '(' || left === '[' || right === ')' || right === ']') return '';
  if (left === ',') return ' ';
  if (left === '::' || right === '::') return '';
  // In operator(pg_catalog.=) it is a name.
  if (isBinary(pieces, gaps, i)) return left === '.' ? kept : ' ';
  if (isBinary(pieces, gaps, i - 1)) return ' ';
  if (right === '(' && isWord(before) && spacedKeywords.test(left)) return ' ';
  return kept;
}

function isBinary(pieces: readonly Piece[], gaps: readonly string[], i: number): boolean {
  const [before, operator] = [pieces[i - 1], pieces[i]!];
  if (!before || operator.kind !== 'other') return false;
  if (!ambiguous.test(operator.text)) return binary.test(operator.text);
  if (/^[)\]]$|^\d[\d.]*$/.test(before.text) || before.kind === 'string' || before.kind === 'parameter') return true;
  // A word may be a keyword before a sign, as in `return -1`, unless the operator touches it; % may be in `table%rowtype`.
  return isWord(before) && gaps[i] === '' && operator.text !== '%';
}
