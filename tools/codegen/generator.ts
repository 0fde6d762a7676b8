/**
 * Makes the text of queries/<subject>.queries.ts from queries/<subject>.sql: pgTyped's own work, with each of its errors
 * turned into a problem at a place of the .sql file.
 */
import { basename } from 'node:path';
import { camelCase } from 'camel-case';
import { pascalCase } from 'pascal-case';
import { DatabaseError } from 'pg';
import { inputTypes, pgTypes } from '../../src/types/pg-types.js';
import { problemAt, type FileProblem, type Finding } from '../problem.js';
import { as, bare, utf16Offset, walk } from '../queries/grammar.js';
import { sentencesAbout } from '../queries/prose.js';
import { outerTargets, parameterOf, problemIn, type Parameter, type Query, type QueryFile } from '../queries/query-file.js';
import type { Connection, Description, Mapped } from './connection.js';
import {
  generateDeclarationFile, ProcessingMode, queryToTypeDeclarations, TypeAllocator, TypeMapping, TypeScope,
  type ParsedConfig, type TypeDefinitions, type TypedQuery,
} from './pgtyped.js';

export type Generated = { readonly text: string } | { readonly problems: readonly FileProblem[] };

/** One file at a time: the connection answers one question after the other. */
export async function generateText(file: QueryFile, connection: Connection, config: ParsedConfig): Promise<Generated> {
  const types = new TypeAllocator(TypeMapping(config.typesOverrides));
  types.use({ name: 'PreparedQuery', from: '@pgtyped/runtime' }, TypeScope.Return);
  const typedQueries: TypedQuery[] = [];
  const problems: FileProblem[] = [];
  for (const query of file.queries) {
    const described = await connection.describe(query.compiled);
    if (described instanceof DatabaseError) {
      problems.push(explain(file, query, described));
      continue;
    }
    const found = [...wrongParameters(file, query, described), ...wrongColumns(file, query, described)];
    problems.push(...found);
    if (found.length > 0) continue;
    const { ast, ir } = query;
    const params = described.params.map(({ mapped }, index) => choices(query, query.parameters[index]!) ?? mapped);
    const returnTypes = described.columns.map(({ name, mapped, nullable, comment }) =>
      ({ returnName: name, columnName: name, type: mapped, nullable, comment }));
    const typeDeclaration = await queryToTypeDeclarations(
      { ast, mode: ProcessingMode.SQL },
      async ({ mapping }) => ({ paramMetadata: { params, mapping }, returnTypes }),
      types,
      config,
    );
    typedQueries.push({
      mode: 'sql',
      fileName: file.path,
      query: {
        name: camelCase(ast.name),
        ast,
        ir,
        paramTypeAlias: `I${pascalCase(ast.name)}Params`,
        returnTypeAlias: `I${pascalCase(ast.name)}Result`,
      },
      typeDeclaration: withParameterProse(typeDeclaration, query),
    });
  }
  if (problems.length > 0) return { problems };
  const typeDefinitions = withNullMembers(types.toTypeDefinitions());
  const text = withProse(generateDeclarationFile({ fileName: file.path, typedQueries, typeDefinitions }), file.queries);
  return { text: withOwnClass(text, file.path) };
}

/** The functions are made of a class of ours, so that their errors have their name and the stack of whoever asked. */
function withOwnClass(text: string, path: string): string {
  const root = '../'.repeat(path.split('/').length - 1);
  const named = text.replace(/^(export const (\w+) = new PreparedQuery<.*>\(\w+)\);$/gm, `$1, '${basename(path, '.sql')}.$2');`);
  return named.replace(`import { PreparedQuery } from '@pgtyped/runtime';`, `import { PreparedQuery } from '${root}src/client/prepared-query.js';`);
}

/** Says in the comment of each typed function, above its SQL, what the prose of its query says. */
function withProse(text: string, queries: readonly Query[]): string {
  let index = 0;
  return text.replace(/^\/\*\*\n \* Query generated from SQL:$/gm, (comment) => {
    const { prose } = queries[index++]!;
    return prose === '' ? comment : comment.replace('\n', `\n${`${prose}\n`.replace(/^/gm, ' * ').replace(/ +$/gm, '')}\n`);
  });
}

/** The sentences that name a parameter, `:limit`, become its comment. The interface of the parameters is the first one. */
function withParameterProse(declaration: string, { prose, parameters }: Query): string {
  return parameters.reduce((text, { name }) => {
    const about = sentencesAbout(prose, `:${name}`);
    return about === '' ? text : text.replace(new RegExp(`^  ${name}\\??: `, 'm'), (member) => `  /** ${about} */\n${member}`);
  }, declaration);
}

/** The values that a parameter can take, where it chooses: `case :sort when 'name' then … when 'newest' then … end`. */
export function choices(query: Query, { name }: Parameter): { name: string; enumValues: string[] } | undefined {
  const values = new Set<string>();
  walk(query.statement, (node) => {
    const choice = as('CaseExpr', node);
    if (parameterOf(query, bare(choice?.arg))?.name !== name) return;
    for (const { expr } of choice!.args!.map((arm) => as('CaseWhen', arm)!)) {
      const value = as('A_Const', bare(expr))?.sval?.sval;
      if (value !== undefined) values.add(value);
    }
  });
  return values.size === 0 ? undefined : { name: `${query.name}_${name}`, enumValues: [...values] };
}

/**
 * Any array of PostgreSQL may hold nulls, of which pgTyped knows nothing: `export type stringArray = (string | null)[];`.
 * Rows to write cannot be null.
 */
export function withNullMembers(definitions: TypeDefinitions): TypeDefinitions {
  return {
    ...definitions,
    aliases: definitions.aliases.map(({ name, definition }) => ({
      name,
      definition: name.endsWith('Array') ? definition.replace(/^\((?!\w+Input\))(.*)\)\[\]$/, '($1 | null)[]') : definition,
    })),
  };
}

/** The error of the database, in terms of the file. */
function explain(file: QueryFile, query: Query, { message, hint, position }: DatabaseError): FileProblem {
  const named = (text: string): string => text.replace(/\$(\d+)/g, (placeholder, number) => {
    const parameter = query.parameters[Number(number) - 1];
    return parameter ? `:${parameter.name}` : placeholder;
  });
  const finding: Finding = { message: `${named(message)}, in query ${query.name}`, ...(hint ? { fix: named(hint) } : {}) };
  if (position !== undefined) {
    return problemIn(file, query, utf16Offset(query.compiled, Number(position) - 1), finding);
  }
  const parameter = query.parameters[Number(/\$(\d+)/.exec(message)?.[1]) - 1];
  if (!parameter) return problemIn(file, query, 0, finding);
  return problemAt(file.path, file.text, parameter.offset, {
    ...finding,
    fix: finding.fix ?? `Say its type where it is used, for example :${parameter.name}::int.`,
  });
}

const addType = 'Cast it to a type that is in the table of src/types/pg-types.ts, or add its type there.';

function wrongParameters(file: QueryFile, query: Query, { params }: Description): FileProblem[] {
  return query.parameters.flatMap(({ name, offset }, index): FileProblem[] => {
    const type = params[index]?.mapped;
    if (type === undefined || isKnown(type)) return [];
    return [problemAt(file.path, file.text, offset, {
      message: `parameter :${name} has type ${nameOf(type)}, of which TypeScript knows nothing, in query ${query.name}`,
      fix: addType,
    })];
  });
}

function wrongColumns(file: QueryFile, query: Query, { columns }: Description): FileProblem[] {
  const targets = outerTargets(query);
  const names = columns.map(({ name }) => name.replace(/[!?]$/, ''));
  return columns.flatMap(({ name, mapped: type }, index): FileProblem[] => {
    // With a star among them they cannot be told apart.
    const target = targets.length === columns.length ? targets[index] : targets[0];
    const at = (message: string, fix: string): FileProblem[] => [problemIn(file, query, target?.offset ?? 0, { message: `${message}, in query ${query.name}`, fix })];
    if (name === '?column?') return at('a column has no name', 'Name it: … as name.');
    if (names.indexOf(names[index]!) !== index) return at(`two columns are called ${names[index]}, and a row has room for one`, 'Rename one: … as other_name.');
    if (isEnumArray(type)) return at(`column ${name} is an array of an enum, which pg does not parse`, 'Cast it to text[].');
    return isKnown(type) ? [] : at(`column ${name} has type ${nameOf(type)}, of which TypeScript knows nothing`, addType);
  });
}

function isKnown(type: Mapped): boolean {
  if (typeof type !== 'string') return true;
  if (!type.startsWith('_')) return pgTypes[type] !== undefined;
  return pgTypes[type.slice(1)]?.arrayOid !== undefined || inputTypes[type.slice(1)] !== undefined;
}

function isEnumArray(type: Mapped): boolean {
  return typeof type !== 'string' && 'elementType' in type;
}

function nameOf(type: Mapped): string {
  const name = typeof type === 'string' ? type : type.name;
  return name.startsWith('_') ? `${name.slice(1)}[]` : name;
}
