/**
 * The layout of SQL, on PostgreSQL's own scanner:
 *
 *     const { problems, formatted } = layOutSql('queries/series.sql', text);
 *
 * Where lines break and how far they are indented is decided by whoever writes them. Mended are the space between the
 * tokens of a line, the ends of lines, blank lines, the case of words, and `and`, `or` and commas on the wrong side of a
 * line break. Strings, quoted names and comments stay as they are, and so does the sequence of tokens.
 */
import { problemAt, sortProblems, type Finding, type Problem } from '../problem.js';
import { foldedTokens, isComment, isWord, readPieces, type Piece } from './pieces.js';
import { spaceBefore } from './spacing.js';

export interface SqlLayout {
  readonly problems: readonly Problem[];
  /** The text with everything mended that can be; the text itself when it cannot be read. */
  readonly formatted: string;
}

const maxColumns = 120;
const mend = 'npm run format mends it.';

export function layOutSql(file: string, text: string): SqlLayout {
  const pieces = readPieces(text);
  const unread = pieces.find(({ kind }) => kind === 'unread');
  if (unread) {
    const message = 'a string, quoted name or comment does not end, here or further down';
    return { problems: [problemAt(file, text, unread.start, { rule: 'syntax', message, fix: 'End it.' })], formatted: text };
  }
  const included = includedRegions(pieces);
  const isOwn = (offset: number): boolean => !included.some(([start, end]) => offset >= start && offset < end);

  const found: { offset: number; finding: Finding }[] = [];
  const report = (offset: number, rule: string, message: string, fix = mend): void => {
    if (isOwn(offset)) found.push({ offset, finding: { rule, message, fix } });
  };

  // The text between the pieces: gaps[i] is what stands before pieces[i], the last one what ends the file.
  const gaps = [...pieces, undefined].map((piece, i) => text.slice(pieces[i - 1]?.end ?? 0, piece?.start ?? text.length));
  moveBreaks(pieces, gaps, isOwn, report);
  const mended = gaps.map((gap, i) => {
    const start = pieces[i - 1]?.end ?? 0;
    const [wanted, rule, message] = layOutGap(pieces, gaps, i);
    if (wanted === gap || !isOwn(start)) return gap;
    report(rule === 'blank-lines' ? start + gap.lastIndexOf('\n') : start, rule, message);
    return wanted;
  });
  const tokens = pieces.map((piece) => {
    const wanted = isComment(piece) ? withoutTrailingSpace(piece.text) : isWord(piece) ? piece.text.toLowerCase() : piece.text;
    if (wanted === piece.text || !isOwn(piece.start)) return piece.text;
    if (isComment(piece)) report(piece.start + /[^\S\n]+$/m.exec(piece.text)!.index, 'trailing-space', 'the line ends with space');
    else report(piece.start, 'lower-case', `keywords and names are in lower case: ${wanted}`);
    return wanted;
  });
  const formatted = mended.map((gap, i) => gap + (tokens[i] ?? '')).join('');
  if (foldedTokens(formatted) !== foldedTokens(text)) {
    throw new Error(`${file}: formatting would change its tokens; that is an error of tools/layout/sql.ts, and nothing is written`);
  }

  checkLines(text, pieces, report);
  return { problems: sortProblems(found.map(({ offset, finding }) => problemAt(file, text, offset, finding))), formatted };
}

type Report = (offset: number, rule: string, message: string, fix?: string) => void;

/** What `npm run compose` fills in committed migrations is laid out in its home. */
function includedRegions(pieces: readonly Piece[]): [start: number, end: number][] {
  return pieces.flatMap((piece, i): [number, number][] => {
    const home = piece.kind === 'line comment' ? /^-- include: (\S+)$/.exec(piece.text)?.[1] : undefined;
    const end = home && pieces.slice(i).find(({ text }) => text === `-- end of ${home}`);
    return end ? [[piece.end, end.start]] : [];
  });
}

/** A condition begins with its `and` or `or`, and a comma ends its line. Across a comment nothing is moved. */
function moveBreaks(pieces: readonly Piece[], gaps: string[], isOwn: (offset: number) => boolean, report: Report): void {
  pieces.forEach((piece, i) => {
    const [before, after] = [pieces[i - 1], pieces[i + 1]];
    const [left, right] = [gaps[i]!, gaps[i + 1]!];
    const isLink = /^(and|or)$/i.test(piece.text);
    const isWrong = isLink ? right.includes('\n') && !left.includes('\n') : piece.text === ',' && left.includes('\n');
    if (!isWrong || !before || !after || !isOwn(piece.start)) return;
    const message = isLink
      ? `${piece.text.toLowerCase()} belongs to the beginning of the next line`
      : 'a comma belongs to the end of the line before';
    if (isComment(before) || isComment(after)) {
      report(piece.start, 'line-break', message, 'Move it by hand: there is a comment beside it.');
      return;
    }
    report(piece.start, 'line-break', message);
    gaps[i] = isLink ? right : '';
    if (isLink) gaps[i + 1] = ' ';
    else if (!right.includes('\n')) gaps[i + 1] = left;
  });
}

/** What should stand before a piece or at the end, and what is wrong with what does. */
function layOutGap(pieces: readonly Piece[], gaps: readonly string[], i: number): [wanted: string, rule: string, message: string] {
  const [before, gap, after] = [pieces[i - 1], gaps[i]!, pieces[i]];
  if (!after) return [before ? '\n' : '', 'final-newline', 'a file ends with one line break'];
  if (!before) return ['', 'blank-lines', 'a file begins in its first line, without indentation'];
  const lines = gap.split('\n');
  if (lines.length === 1) {
    const wanted = spaceBefore(pieces, gaps, i);
    const amount = wanted === '' ? 'no space' : wanted === ' ' ? 'one space' : 'spaces, not tabs,';
    return [wanted, 'spacing', `there should be ${amount} between ${nameOf(before)} and ${nameOf(after)}`];
  }
  const indentation = lines.at(-1)!.replaceAll('\t', '  ').replaceAll(/\s/g, ' ');
  const wanted = '\n'.repeat(Math.min(lines.length - 1, 2)) + indentation;
  if (lines.slice(0, -1).some((line) => line !== '')) return [wanted, 'trailing-space', 'the line ends with space, or with a carriage return'];
  if (lines.length > 3) return [wanted, 'blank-lines', 'there is more than one blank line'];
  return [wanted, 'indentation', 'the indentation has tabs'];
}

function nameOf(piece: Piece): string {
  if (isComment(piece)) return 'a comment';
  return piece.text.length > 30 ? 'a long text' : piece.text;
}

/** What only a person can mend. */
function checkLines(text: string, pieces: readonly Piece[], report: Report): void {
  const strings = pieces.filter(({ kind }) => kind === 'string' || kind === 'dollar string');
  // Lines that begin in one of these are not code.
  const opaque = [...strings, ...pieces.filter(isComment)];
  let start = 0;
  for (const line of text.split('\n')) {
    const inside = opaque.some((piece) => piece.start < start && start < piece.end);
    const indentation = /^ */.exec(line)![0].length;
    if (!inside && indentation % 2 === 1 && line.trim() !== '') {
      report(start + indentation, 'indentation', `the indentation is ${indentation}, which is not a multiple of two`, 'Indent it like the lines around it.');
    }
    // A text is as long as it is: what counts is the line without it.
    const ofStrings = strings.filter((piece) => piece.start < start + line.length && piece.end > start)
      .reduce((sum, piece) => sum + Math.min(piece.end, start + line.length) - Math.max(piece.start, start), 0);
    const length = [...line.trimEnd()].length;
    if (length > maxColumns && length - ofStrings > maxColumns) {
      report(start + maxColumns, 'line-length', `the line has ${length} columns, more than ${maxColumns}`, 'Break it.');
    }
    start += line.length + 1;
  }
}

function withoutTrailingSpace(text: string): string {
  return text.replace(/[^\S\n]+$/gm, '');
}
