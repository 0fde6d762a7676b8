/** How src is built: who imports whom. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('structure');

interface Module {
  readonly file: string;
  readonly source: ts.SourceFile;
}

const modules: readonly Module[] = ['src', 'queries'].flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map((file) => join(folder, file)))
  .map((file) => ({ file, source: ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true) }));

/** The nodes of a module that a visitor takes. */
function find<T extends ts.Node>({ source }: Module, takes: (node: ts.Node) => node is T): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    if (takes(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Modules of this package that a module imports: at once, later by `import()`, or only for their types. */
function importsOf(module: Module): string[] {
  const paths = find(module, ts.isStringLiteral).filter(({ parent }) =>
    ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword));
  return paths.filter(({ text }) => text.startsWith('.')).map(({ text }) => normalize(join(dirname(module.file), text.replace(/\.js$/, '.ts')))).filter(existsSync);
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

const ofModules: Graph = new Map(modules.map((module) => [module.file, new Set(importsOf(module))]));

function ofFolders(): Graph {
  const graph = new Map<string, Set<string>>();
  for (const [from, targets] of ofModules) {
    const folder = dirname(from);
    const known = graph.get(folder) ?? new Set();
    for (const to of targets) if (dirname(to) !== folder) known.add(dirname(to));
    graph.set(folder, known);
  }
  return graph;
}

/** The first way found from each node back to itself. */
function circlesOf(graph: Graph): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (node: string, path: readonly string[]): void => {
    if (path.includes(node)) return void circles.push([...path.slice(path.indexOf(node)), node].join(' → '));
    if (done.has(node)) return;
    for (const next of graph.get(node) ?? []) walk(next, [...path, node]);
    done.add(node);
  };
  for (const node of graph.keys()) walk(node, []);
  return circles;
}

test('no module leads back to itself', () => {
  assert.equal(circlesOf(ofModules).filter((circle) => !circle.startsWith('src/embedded')), []);
});

test('no folder leads back to itself, not even by types', () => {
  assert.equal(circlesOf(ofFolders()), []);
});

test.run();
