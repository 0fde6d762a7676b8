/**
 * How a query file must be built so that pgTyped reads all of it: for each query a block with nothing but its name and
 * `@param` lines, one statement and a semicolon, with prose in blocks of its own before them. Of a file that is built
 * otherwise pgTyped makes nothing, or drops some of its queries, and exits 0. This reads the file with PostgreSQL's
 * scanner and says where and why.
 */
import { problemAt, type FileProblem, type Finding } from '../problem.js';
import { scan, type Token } from './grammar.js';

export interface QueryName {
  readonly name: string;
  readonly offset: number;
  /** What the block right above it says; empty without one. */
  readonly prose: string;
}

export interface Structure {
  /** The queries that the author meant, in their order. */
  readonly names: readonly QueryName[];
  readonly problems: readonly FileProblem[];
}

const prose = 'Put it into a /* … */ block of its own above the /* @name … */ block of the query.';

export function readStructure(file: string, text: string): Structure {
  const tokens = scan(text);
  if (tokens === undefined) return { names: [], problems: [unended(file, text)] };

  const names: QueryName[] = [];
  const problems: FileProblem[] = [];
  const report = (offset: number, finding: Finding): unknown => problems.push(problemAt(file, text, offset, finding));

  let place: 'between queries' | 'after the name' | 'in the statement' = 'between queries';
  let lastCode: Token | undefined;
  for (const [index, token] of tokens.entries()) {
    switch (token.kind) {
      case 'line comment':
        if (place === 'between queries') {
          report(token.start, { rule: 'line-comment', message: 'a -- comment outside of a statement makes pgTyped skip the whole file', fix: prose });
        }
        break;
      case 'block comment': {
        if (!/@name\b/.test(token.text)) break;
        if (place === 'in the statement') report(lastCode!.end, missingSemicolon('the query before this one'));
        if (place === 'after the name') report(names.at(-1)!.offset, { rule: 'no-statement', message: `query ${names.at(-1)!.name} has no statement`, fix: 'Write its statement below its /* @name … */ block.' });
        const tag = readTag(token);
        if (tag.name) names.push({ ...tag.name, prose: proseAbove(token, tokens[index - 1], text) });
        if (tag.wrong) report(tag.wrong.offset, tag.wrong.finding);
        place = 'after the name';
        break;
      }
      case 'semicolon':
        if (place === 'after the name') report(token.start, { rule: 'no-statement', message: `query ${names.at(-1)?.name ?? ''} has no statement`, fix: 'Write its statement above the semicolon.' });
        if (place === 'between queries') report(token.start, { rule: 'stray-semicolon', message: 'a semicolon that ends no query makes pgTyped skip the whole file', fix: 'Remove it.' });
        place = 'between queries';
        lastCode = token;
        break;
      default:
        if (place === 'between queries') {
          report(token.start, { rule: 'unnamed-statement', message: 'a statement without a name makes pgTyped skip the whole file', fix: 'Write /* @name nameOfTheQuery */ above it.' });
        }
        place = 'in the statement';
        lastCode = token;
    }
  }

  if (place === 'in the statement') report(lastCode!.end, missingSemicolon('the last query'));
  if (place === 'after the name') report(names.at(-1)?.offset ?? 0, { rule: 'no-statement', message: `query ${names.at(-1)?.name ?? ''} has no statement`, fix: 'Write its statement below its /* @name … */ block.' });
  const last = tokens.at(-1);
  if (last?.kind === 'block comment' && place === 'between queries' && names.length > 0) {
    report(last.start, { rule: 'trailing-comment', message: 'a comment after the last query makes pgTyped skip the whole file', fix: 'Move it above a query.' });
  }
  const dollars = tokens.filter(({ kind }) => kind === 'dollar string');
  for (const { start } of dollars.slice(1)) {
    report(start, {
      rule: 'dollar-quotes',
      message: 'a second dollar-quoted string: pgTyped takes everything from the first to the last as one string, and merges the queries between',
      fix: "Quote all but one with '…', each ' inside doubled, or move the query to a file of its own.",
    });
  }
  for (const { end } of tokens.filter(({ kind, text: token }) => kind === 'string' && token.endsWith("\\'"))) {
    report(end - 2, {
      rule: 'backslash-quote',
      message: 'a string that ends in a backslash: pgTyped reads on to the next quote',
      fix: "Write the backslash as chr(92), for example 'a' || chr(92).",
    });
  }
  if (names.length === 0 && problems.length === 0) {
    report(0, { rule: 'no-query', message: 'there is no query in this file', fix: 'A query begins with /* @name nameOfTheQuery */.' });
  }
  return { names, problems };
}

/** The name in a block, and what keeps pgTyped from reading it. */
function readTag({ text, start }: Token): { name?: Omit<QueryName, 'prose'>; wrong?: { offset: number; finding: Finding } } {
  const at = text.indexOf('@name');
  const found = /^@name\s+([A-Za-z_]\w*)/.exec(text.slice(at));
  if (!found) {
    return { wrong: { offset: start + at, finding: { rule: 'tag-block', message: '@name is not followed by a name, which makes pgTyped skip the whole file', fix: 'A name has letters, digits and _, and begins with no digit: /* @name lastDays */.' } } };
  }
  const name = { name: found[1]!, offset: start + at };
  const before = /^\/\*\s*/.exec(text)![0].length;
  if (before !== at) {
    return { name, wrong: { offset: start + before, finding: { rule: 'tag-block', message: `text before @name makes pgTyped overlook query ${found[1]!}`, fix: prose } } };
  }
  let end = at + found[0].length;
  const param = /\s*@param\s+\w+\s*->\s*(?:\(\s*\.\.\.\s*\)|\(\s*\(?\s*\w+\s*!?(?:\s*,\s*\w+\s*!?)*\s*,?\s*\)?\s*(?:\.\.\.\s*)?\))/y;
  for (param.lastIndex = end; param.test(text); end = param.lastIndex);
  const rest = text.slice(end).search(/\S/);
  if (end + rest !== text.length - 2) {
    return { name, wrong: { offset: start + end + rest, finding: { rule: 'tag-block', message: 'text beside @name and @param makes pgTyped skip the whole file', fix: prose } } };
  }
  return { name };
}

/** The text of a block on the lines right above another; what a blank line sets apart is about the whole file. */
function proseAbove(tag: Token, above: Token | undefined, text: string): string {
  if (above?.kind !== 'block comment' || !/^[^\S\n]*\n?[^\S\n]*$/.test(text.slice(above.end, tag.start))) return '';
  return above.text.slice(2, -2).replace(/^[^\S\n]*\*?[^\S\n]?|[^\S\n]+$/gm, '').trim();
}

function missingSemicolon(query: string): Finding {
  return { rule: 'missing-semicolon', message: `${query} has no final ; which makes pgTyped skip the whole file`, fix: 'End the statement with ;.' };
}

/** On the first line that cannot be read to its end. */
function unended(file: string, text: string): FileProblem {
  const lines = text.split('\n');
  let good = lines.length - 1;
  while (good > 0 && scan(lines.slice(0, good).join('\n')) === undefined) good--;
  const line = lines[good] ?? '';
  const column = line.search(/\S/);
  const offset = lines.slice(0, good).join('\n').length + (good > 0 ? 1 : 0) + Math.max(0, column);
  return problemAt(file, text, offset, {
    rule: 'unended-quote',
    message: 'a string, quoted name or comment that begins here does not end, or a number goes on with letters',
    fix: 'Close it.',
  });
}
