/**
 * PostgreSQL's own parser, and ways over its trees. Offsets are in UTF-16 units, as JavaScript counts; the parser's
 * `location`s are in bytes, see `byteOffsets`.
 */
import { loadModule, parseSync, type Node, type RawStmt } from 'libpg-query';

await loadModule();

/** The statements of a text, or what is wrong with it. */
export interface Parsed {
  readonly statements: readonly RawStmt[];
  readonly error?: { readonly message: string; readonly offset: number };
}

export function parse(text: string): Parsed {
  try {
    return { statements: parseSync(text).stmts ?? [] };
  } catch (caught) {
    const { message, sqlDetails } = caught as Error & { sqlDetails?: { cursorPosition: number } };
    return { statements: [], error: { message, offset: utf16Offset(text, Math.max(0, sqlDetails?.cursorPosition ?? 0)) } };
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

// In a tree every node is an object with its kind as the only key.
type KindOf<Each> = Each extends unknown ? keyof Each : never;
export type Kind = KindOf<Node>;
type BodyIn<Each, K extends Kind> = Each extends Record<K, infer Inner> ? Inner : never;
export type Body<K extends Kind> = BodyIn<Node, K>;

/** The body of a node of a kind, or undefined. */
export function as<K extends Kind>(kind: K, node: Node | undefined): Body<K> | undefined {
  return node === undefined ? undefined : (node as unknown as Record<K, Body<K> | undefined>)[kind];
}

export type Visit = (node: Node, ancestors: readonly Node[]) => void;

/** Calls `visit` for each node, outer ones first, with the nodes around it, the nearest one last. */
export function walk(root: unknown, visit: Visit, ancestors: readonly Node[] = []): void {
  if (Array.isArray(root)) {
    for (const item of root) walk(item, visit, ancestors);
  } else if (typeof root === 'object' && root !== null) {
    const [kind, ...others] = Object.keys(root);
    const isNode = kind !== undefined && others.length === 0 && /^[A-Z]/.test(kind);
    if (isNode) visit(root as Node, ancestors);
    const inner = isNode ? [...ancestors, root as Node] : ancestors;
    for (const child of Object.values(root)) walk(child, visit, inner);
  }
}

/** Without the casts, collations and parentheses around it. */
export function bare(node: Node | undefined): Node | undefined {
  const inner = as('TypeCast', node)?.arg ?? as('CollateClause', node)?.arg;
  return inner ? bare(inner) : node;
}

/** Fields of a column reference; `*` for all columns. */
export function columnPath(node: Node | undefined): string[] | undefined {
  return as('ColumnRef', node)?.fields?.map((field) => as('String', field)?.sval ?? '*');
}

/** The select list or returning list of a statement. */
export function targetsOf(statement: Node | undefined): readonly Node[] {
  let select = as('SelectStmt', statement);
  while (select?.larg) select = select.larg;
  const writing = as('InsertStmt', statement) ?? as('UpdateStmt', statement) ?? as('DeleteStmt', statement) ?? as('MergeStmt', statement);
  return select?.targetList ?? writing?.returningClause?.exprs ?? [];
}
