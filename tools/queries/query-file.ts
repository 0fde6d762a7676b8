/** A .sql file as pgTyped reads it, and the way back from a compiled statement to the place in the file. */
import { parseSQLFile, queryASTToIR, TransformType, type SQLQueryAST, type SQLQueryIR } from '@pgtyped/parser';
import { processSQLQueryIR } from '@pgtyped/runtime';
import { camelCase } from 'camel-case';
import type { Node, ResTarget } from 'libpg-query';
import { problemAt, repeated, type FileProblem, type Finding } from '../problem.js';
import { as, byteOffsets, parse, targetsOf, utf16Offset, walk, type Parsed } from './grammar.js';

export interface Parameter {
  readonly name: string;
  readonly required: boolean;
  /** Offset in the file of its first use. */
  readonly offset: number;
}

/** A line of the block right above a query, such as `@http GET /api/latest`. */
export interface AnnotationLine {
  /** Such as `http`. */
  readonly name: string;
  /** What follows. */
  readonly text: string;
  /** Of the @ and of the text, in the file. */
  readonly offset: number;
  readonly textOffset: number;
}

export interface Query {
  readonly name: string;
  /** Of its name. */
  readonly offset: number;
  /** What the block right above it says, without the annotations; empty without one. */
  readonly prose: string;
  readonly annotations: readonly AnnotationLine[];
  readonly ast: SQLQueryAST;
  readonly ir: SQLQueryIR;
  /** The statement with $1, $2, … for the parameters: what PostgreSQL sees. */
  readonly compiled: string;
  /** Of it; absent when PostgreSQL's grammar does not take it. */
  readonly statement: Node | undefined;
  readonly error: Parsed['error'];
  /** In the order of their placeholders: the first one is $1. */
  readonly parameters: readonly Parameter[];
  /** Where an offset of `compiled` is in the file. Both count UTF-16 units. */
  toFile(compiledOffset: number): number;
}

export interface QueryFile {
  /** As the user knows it. */
  readonly path: string;
  readonly text: string;
  /** Empty when the file has problems. */
  readonly queries: readonly Query[];
  /** What makes pgTyped read less or something else than what is written. */
  readonly problems: readonly FileProblem[];
}

/** Of what is built otherwise pgTyped makes nothing, or drops some of its queries, and exits 0. */
const shape = 'A query is a block with nothing but /* @name … */ and @param lines, one statement, and a ;. Prose has a /* … */ block of '
  + 'its own above a query, -- comments stand within statements. Of strings with $$ a file has one, and none ends in a backslash.';

type Name = Pick<Query, 'name' | 'offset' | 'prose' | 'annotations'>;

export function readQueryFile(path: string, contents: string): QueryFile {
  // As pgTyped does. The places stay the same: a line ends where it ended.
  const text = contents.replaceAll('\r\n', '\n');
  const names = namesIn(text);
  const at = (offset: number, finding: Finding): FileProblem => problemAt(path, text, offset, finding);
  const refused = (problems: readonly FileProblem[]): QueryFile => ({ path, text, queries: [], problems });
  let parsed;
  try {
    parsed = parseSQLFile(text);
  } catch (error) {
    return refused([at(0, { message: `pgTyped cannot read this file: ${(error as Error).message}`, fix: shape })]);
  }
  const [event] = parsed.events;
  if (event) {
    // The first one; the rest follows from it.
    const offset = event.location ? offsetOf(text, event.location) : 0;
    return refused([at(Math.min(offset, text.trimEnd().length), 'critical' in event
      ? { rule: 'unreadable', message: `pgTyped cannot read this, and skips the whole file: ${event.message.text.replaceAll(/\s+/g, ' ')}`, fix: shape }
      : { rule: 'unused-parameter', message: event.message.text, fix: 'Use it, or remove its @param.' })]);
  }
  const dropped = names.filter(({ name }) => !parsed.queries.some((query) => query.name === name));
  if (dropped.length > 0) {
    return refused(dropped.map(({ name, offset }) => at(offset, {
      rule: 'dropped-query', message: `pgTyped does not see query ${name}: it takes it for a part of the one before`, fix: shape,
    })));
  }
  const spreads = parsed.queries.flatMap(({ params }) => params.filter(({ transform }) => transform.type !== TransformType.Scalar));
  if (spreads.length > 0) {
    return refused(spreads.map(({ name, codeRefs }) => at(utf16Offset(text, codeRefs.used[0]!.a) - 1, {
      rule: 'spread',
      message: `${name} stands for several values, and a typed function takes one: an empty spread is a syntax error, and one of more than 65,535 values fails`,
      fix: `Pass arrays: where id = any (:${name}!::int[]), or for rows … from unnest(:ids!::int[], :names!::text[]) as t (id, name).`,
    })));
  }
  const queries = parsed.queries.map((ast) => toQuery(ast, text, names.find(({ name }) => name === ast.name)!));
  const wrong = [...duplicates(path, text, names), ...queries.flatMap((query) => misplacedParameters(path, text, query))];
  if (wrong.length > 0) return refused(wrong);
  const problems = queries.flatMap((query) => (query.error
    ? [problemIn({ path, text }, query, query.error.offset, { rule: 'syntax', message: `${query.error.message}, in query ${query.name}` })]
    : []));
  return problems.length > 0 ? refused(problems) : { path, text, queries, problems };
}

/** The queries that the author meant, each with the text of the block on the lines right above. */
function namesIn(text: string): Name[] {
  return [...text.matchAll(/(?<=\/\*\s*)@name\s+(\w+)/g)].map(({ 1: name, index }) => {
    const block = /(?<=\/\*)((?:(?!\*\/)[^])*)\*\/[^\S\n]*\n?[^\S\n]*\/\*\s*$/.exec(text.slice(0, index));
    const above = block?.[1] ?? '';
    const annotations = [...above.matchAll(annotation)].map((match): AnnotationLine => {
      const [, sign = '', name = '', rest = ''] = match;
      const offset = block!.index + match.index;
      return { name, text: rest.trimEnd(), offset, textOffset: offset + sign.length };
    });
    const prose = above.replaceAll(annotation, '').replace(/^[^\S\n]*\*?[^\S\n]?|[^\S\n]+$/gm, '').trim();
    return { name: name!, offset: index, prose, annotations };
  });
}

/** A line that begins with @. */
const annotation = /(?<=^[^\S\n]*\*?[^\S\n]*)(@(\w*)[^\S\n]*)(.*)$/gm;

/** Of a place in pgTyped's words: its lexer knows line and column only. */
function offsetOf(text: string, { line, col }: { line: number; col: number }): number {
  const before = text.split('\n').slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
  return before + utf16Offset(text.slice(before), col);
}

/** What a node stands for that is a parameter. */
export function parameterOf(query: Query, node: Node | undefined): Parameter | undefined {
  return query.parameters[(as('ParamRef', node)?.number ?? 0) - 1];
}

/** A problem at an offset of a compiled statement. */
export function problemIn({ path, text }: Pick<QueryFile, 'path' | 'text'>, query: Query, compiledOffset: number, finding: Finding): FileProblem {
  return problemAt(path, text, query.toFile(compiledOffset), finding);
}

/** A column that a query returns. */
export interface Target {
  readonly node: ResTarget;
  /** In the compiled statement. */
  readonly offset: number;
}

/** The outermost select list or returning list, as it is written: `*` is one of them. */
export function outerTargets(query: Query): Target[] {
  const offset = byteOffsets(query.compiled);
  return targetsOf(query.statement).flatMap((target) =>
    'ResTarget' in target ? [{ node: target.ResTarget, offset: offset(target.ResTarget.location ?? 0) }] : []);
}

function toQuery(ast: SQLQueryAST, text: string, { offset, prose, annotations }: Name): Query {
  const ir = queryASTToIR(ast);
  const { query: compiled } = processSQLQueryIR(ir);
  const { statements, error } = parse(compiled);
  const start = utf16Offset(text, ast.statement.loc.a);
  /** Places of the statement that are something else in the compiled one, in order. */
  const replaced = ir.params
    .flatMap(({ locs }, index) => locs.map(({ a, b }) => ({ a, b, length: `$${index + 1}`.length })))
    .sort((x, y) => x.a - y.a);

  return {
    name: ast.name,
    offset,
    prose,
    annotations,
    ast,
    ir,
    compiled,
    statement: statements[0]?.stmt,
    error,
    parameters: ir.params.map(({ name, required, locs }) => ({ name, required, offset: start + (locs[0]?.a ?? 0) })),
    toFile(compiledOffset) {
      let shift = 0;
      for (const { a, b, length } of replaced) {
        if (compiledOffset < a + shift) break;
        if (compiledOffset < a + shift + length) return start + a;
        shift += length - (b - a + 1);
      }
      return start + compiledOffset - shift;
    },
  };
}

/** Queries that would be one function. */
function duplicates(path: string, text: string, names: readonly Name[]): FileProblem[] {
  return repeated(names, ({ name }) => camelCase(name)).map(({ item: { name, offset }, first }) => problemAt(path, text, offset, {
    rule: 'duplicate-name', message: `query ${name} gets the same name as query ${first.name} of this file: ${camelCase(name)}`, fix: 'Give it another name.',
  }));
}

/** pgTyped replaces what looks like a parameter also in quoted names; and miscounts after emojis. */
function misplacedParameters(path: string, text: string, query: Query): FileProblem[] {
  const toText = byteOffsets(query.compiled);
  const found = new Set<number>();
  walk(query.statement, (node) => {
    const parameter = as('ParamRef', node);
    if (parameter) found.add(query.toFile(toText(parameter.location ?? 0)));
  });
  const { a: start } = query.ast.statement.loc;
  return query.ast.params.flatMap(({ name, codeRefs }) => codeRefs.used.flatMap(({ a }) => {
    const offset = utf16Offset(text, a) - 1;
    const isCounted = utf16Offset(text, start) + a - 1 - start === offset;
    if (isCounted && text[offset] === ':' && (found.has(offset) || query.error)) return [];
    return [problemAt(path, text, offset, {
      rule: 'misplaced-parameter',
      message: isCounted
        ? `pgTyped takes :${name} for a parameter, which PostgreSQL cannot read here`
        : `pgTyped miscounts after characters such as emojis, and would put :${name} in the wrong place`,
      fix: isCounted ? 'Write a space before it, or after the colon when it is none.' : "Write them as U&'…' escapes.",
    })];
  }));
}
