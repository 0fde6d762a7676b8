/**
 * Runs the typed functions and compares what comes back with what their generated types say. pg decides at run time
 * what a type becomes, pgTyped at compile time: only this sees when they disagree.
 */
import { readFileSync } from 'node:fs';
import type { PreparedQuery } from '../../src/client/prepared-query.js';
import ts from 'typescript';
import { assert } from '../support/suite.js';

type Queries = Record<string, PreparedQuery<never, unknown>>;

export interface Checked<Q> {
  /** The queries, whose results are checked. */
  readonly queries: Q;
  /** Fails for a query that gave no row and for a column that never had a value: their types are not proven. */
  readonly allProven: (except?: readonly string[]) => void;
}

/** The queries of queries/<subject>.sql. */
export function checked<Q>(subject: string, queries: Q): Checked<Q> {
  const declared = readDeclarations(readFileSync(`queries/${subject}.queries.ts`, 'utf8'));
  const proven = new Map<string, Set<string>>();
  const wrap = ([name, query]: [string, Queries[string]]): [string, Queries[string]] => {
    const { result } = declared.query(name);
    const seen = new Set<string>();
    proven.set(name, seen);
    const run: typeof query.run = async (params, connection) => {
      const rows = (await query.run(params, connection)) as Record<string, unknown>[];
      // What is declared as void returns nothing; what is not returns a row at least once.
      if (result === undefined) assert.equal(rows, [], `${subject}.${name} is declared as void`);
      if (result === undefined || rows.length > 0) seen.add('');
      for (const row of rows) {
        assert.equal(Object.keys(row).sort(), [...result!.keys()].sort(), `columns of ${subject}.${name}`);
        for (const [column, type] of result!) {
          const value = row[column];
          assert.ok(declared.conforms(value, type),
            `${subject}.${name}: ${column} is declared as ${type.getText()} and is ${typeof value} ${JSON.stringify(value)}`);
          if (value !== null) seen.add(column);
        }
      }
      return rows;
    };
    return [name, Object.assign(Object.create(query) as typeof query, { run })];
  };
  return {
    queries: Object.fromEntries(Object.entries(queries as Queries).map(wrap)) as Q,
    allProven(except = []) {
      const unproven = [...proven].flatMap(([name, seen]) =>
        ['', ...(declared.query(name).result?.keys() ?? [])]
          .filter((column) => !seen.has(column))
          .map((column) => (column ? `${name}.${column}` : name)));
      assert.equal(unproven.filter((name) => !except.includes(name)), [], `${subject}: never seen with a value`);
      assert.equal(except.filter((name) => !unproven.includes(name)), [], `${subject}: no exceptions any more`);
    },
  };
}

export type Members = ReadonlyMap<string, ts.TypeNode>;

export interface Declarations {
  /** The types of a query: undefined for void. */
  query(name: string): { readonly params: Members | undefined; readonly result: Members | undefined };
  /** Whether a value is of a type. Everything is looked at, also each member of an array and what is in json. */
  conforms(value: unknown, type: ts.TypeNode): boolean;
  /** The types of which a union is made, names replaced by what they stand for. */
  alternatives(type: ts.TypeNode): readonly ts.TypeNode[];
}

/** What a generated file declares. */
export function readDeclarations(text: string): Declarations {
  const source = ts.createSourceFile('generated.ts', text, ts.ScriptTarget.ES2023, true);
  const types = new Map<string, ts.InterfaceDeclaration | ts.TypeAliasDeclaration>();
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) types.set(statement.name.text, statement);
  }
  const membersOf = (name: string): Members | undefined => {
    const declaration = types.get(name);
    assert.ok(declaration, `${name} is not in the generated file`);
    if (!ts.isInterfaceDeclaration(declaration)) {
      assert.is(declaration.type.kind, ts.SyntaxKind.VoidKeyword, `${name} is ${declaration.type.getText()}`);
      return undefined;
    }
    return new Map(declaration.members.filter(ts.isPropertySignature).map((member) =>
      [(member.name as ts.Identifier | ts.StringLiteral).text, member.type!]));
  };
  const resolve = (type: ts.TypeNode): ts.TypeNode => {
    if (ts.isParenthesizedTypeNode(type)) return resolve(type.type);
    const name = ts.isTypeReferenceNode(type) ? type.typeName.getText() : '';
    // Json stands for itself, wherever it is declared.
    const alias = name === 'Json' ? undefined : types.get(name);
    return alias && ts.isTypeAliasDeclaration(alias) ? resolve(alias.type) : type;
  };
  const alternatives = (type: ts.TypeNode): readonly ts.TypeNode[] => {
    const resolved = resolve(type);
    return ts.isUnionTypeNode(resolved) ? resolved.types.flatMap(alternatives) : [resolved];
  };
  const conformsToOne = (value: unknown, type: ts.TypeNode): boolean => {
    if (ts.isArrayTypeNode(type)) return Array.isArray(value) && value.every((member) => conforms(member, type.elementType));
    if (ts.isLiteralTypeNode(type)) return type.literal.kind === ts.SyntaxKind.NullKeyword ? value === null : type.literal.getText() === `'${String(value)}'`;
    switch (type.getText()) {
      case 'string':
      case 'number':
      case 'boolean':
        return typeof value === type.getText();
      case 'undefined':
      case 'void':
        return value === undefined;
      case 'Date':
        return value instanceof Date && !Number.isNaN(value.getTime());
      case 'Buffer':
        return Buffer.isBuffer(value);
      case 'Json':
        return isJson(value);
      case 'JsonObject':
        return isJson(value) && typeof value === 'object' && value !== null && !Array.isArray(value);
      case 'Point':
        return typeof value === 'object' && value !== null && Object.keys(value).sort().join() === 'x,y' && Object.values(value).every((part) => typeof part === 'number');
      default:
        throw new Error(`No value is known to be ${type.getText()}`);
    }
  };
  const conforms = (value: unknown, type: ts.TypeNode): boolean => alternatives(type).some((one) => conformsToOne(value, one));
  return {
    query(name) {
      const prefix = `I${name[0]!.toUpperCase()}${name.slice(1)}`;
      return { params: membersOf(`${prefix}Params`), result: membersOf(`${prefix}Result`) };
    },
    conforms,
    alternatives,
  };
}

function isJson(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value !== 'object' || value === null) return value === null || ['boolean', 'number', 'string'].includes(typeof value);
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson);
}
