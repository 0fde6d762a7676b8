/** Walks over a parse tree, in which every node is an object with its kind as the only key. */
import type { Node } from 'libpg-query';

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
