/** The annotations of a query: the lines of its comment that make it an HTTP endpoint, a GraphQL field, or metrics. */
import { problemAt, type FileProblem, type Finding } from '../problem.js';
import type { CacheRule, GraphqlField, HttpRoute, Metric } from '../../src/client/endpoint.js';
import { sentencesAbout, sentencesOf } from './prose.js';
import { outerTargets, type AnnotationLine, type Query, type QueryFile } from './query-file.js';
import { as, columnPath } from './grammar.js';

export interface Annotations {
  readonly http: (HttpRoute & { readonly line: AnnotationLine; readonly placeholders: readonly Placeholder[] }) | undefined;
  readonly graphql: (Omit<GraphqlField, 'parent'> & { readonly line: AnnotationLine }) | undefined;
  readonly metrics: readonly (Metric & { readonly line: AnnotationLine })[];
  readonly cache: CacheRule | undefined;
  readonly problems: readonly FileProblem[];
}

export interface Placeholder {
  /** As in the path. */
  readonly name: string;
  /** The parameter that it stands for. */
  readonly parameter: string;
}

const forms: Readonly<Record<string, { readonly form: RegExp; readonly example: string }>> = {
  http: { form: /^(?<method>GET|POST|PUT|PATCH|DELETE) (?<path>\/(?:[\w.~-]|\{\w+\}|\/(?!\/))*)$/, example: '@http GET /api/sources/{source}/rows' },
  graphql: { form: /^(?<type>[A-Z]\w*)\.(?<field>[a-z][A-Za-z0-9]*) (?<returns>[A-Z]\w*)(?<list>\[\])?$/, example: '@graphql Query.sources Source[], @graphql Query.source Source' },
  metric: { form: /^(?<name>[a-zA-Z_:][\w:]*) (?<column>\w+) (?<kind>gauge|counter)$/, example: '@metric btcdb_source_age_seconds age gauge' },
  cache: { form: /^(?:closed|(?<count>[1-9]\d{0,5}) (?<unit>second|minute|hour|day)s?)$/, example: '@cache closed, @cache 5 seconds' },
};

const seconds: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400 };

/** A line, and what its form finds in it. */
interface Said extends Partial<Readonly<Record<'method' | 'path' | 'type' | 'field' | 'returns' | 'list' | 'name' | 'column' | 'kind' | 'count' | 'unit', string>>> {
  readonly line: AnnotationLine;
}

/** What the annotations of a query say. Of one with a problem nothing is to be made. */
export function annotationsOf(file: QueryFile, query: Query): Annotations {
  const problems: FileProblem[] = [];
  const refuse = (offset: number, rule: string, message: string, fix: string): void =>
    void problems.push(problemAt(file.path, file.text, offset, { rule, message: `${message}, in query ${query.name}`, fix }));
  const said = query.annotations.flatMap((line, index): Said[] => {
    const { name, text, offset, textOffset } = line;
    const known = Object.hasOwn(forms, name) ? forms[name] : undefined;
    const match = known?.form.exec(text);
    const isAgain = query.annotations.slice(0, index).some((other) => other.name === name && (name !== 'cache' || (other.text === 'closed') === (text === 'closed')));
    if (!known) {
      refuse(offset, 'annotation', `there is no annotation @${name}`, `There are ${Object.keys(forms).map((each) => `@${each}`).join(', ')}.`);
    } else if (!match) {
      refuse(textOffset, 'annotation', `@${name} is not followed by what it needs`, `Write it as ${known.example}.`);
    } else if (isAgain && name !== 'metric') {
      refuse(offset, 'annotation', `there is a second @${name}`, 'One query is one endpoint and one field: write another query for the other.');
    }
    return match ? [{ line, ...match.groups }] : [];
  });
  const of = (name: string): Said[] => said.filter(({ line }) => line.name === name);

  const [http] = of('http').map(({ line, method, path = '' }) => ({
    line,
    method: method as HttpRoute['method'],
    path,
    placeholders: [...path.matchAll(/\{(\w+)\}/g)].map(({ 1: name }) => ({ name: name!, parameter: parameterOf(name!, query) })),
  }));
  for (const { name, parameter } of http?.placeholders ?? []) {
    const offset = http!.line.textOffset + http!.line.text.indexOf(`{${name}}`);
    if (query.parameters.some((known) => known.name === parameter)) continue;
    refuse(offset, 'path-parameter', `{${name}} is no parameter`, `Its parameters are ${namesOf(query)}. {source} stands for source_id.`);
  }

  const [graphql] = of('graphql')
    .map(({ line, type, field, returns, list }) => ({ line, type: type!, field: field!, returns: returns!, isList: list !== undefined }));

  const columns = columnsOf(query);
  const metrics = of('metric').map(({ line, name = '', column = '', kind }) => {
    const at = (word: string): number => line.textOffset + line.text.indexOf(` ${word}`) + 1;
    if (!columns.includes(column)) {
      refuse(at(column), 'metric-value', `there is no column ${column} for the value of ${name}`, `Its columns are ${columns.join(', ')}.`);
    }
    if ((kind === 'counter') !== /_total$/.test(name)) {
      refuse(line.textOffset, 'metric-name', `the name of a ${kind} ${kind === 'counter' ? 'ends' : 'does not end'} in _total`, 'So Prometheus tells them apart.');
    }
    return { line, name, column, kind: kind as Metric['kind'], help: helpOf(query.prose, column) };
  });
  const required = query.parameters.find((parameter) => parameter.required);
  if (metrics.length > 0 && required) {
    refuse(metrics[0]!.line.offset, 'metric-value', `:${required.name} is required, and a metric gives none`, 'Let everything through without it, or write a query of its own.');
  }

  const ages = of('cache');
  const age = ages.find(({ count }) => count !== undefined);
  const cache = ages.length === 0 ? undefined : {
    closed: ages.some(({ count }) => count === undefined),
    seconds: age ? Number(age.count) * seconds[age.unit!]! : null,
  };
  return { http, graphql, metrics, cache, problems };
}

/** `{source}` is the number of a source, or its name where a query takes that: to register one, or to look it up. */
function parameterOf(placeholder: string, { parameters }: Query): string {
  const [key] = ['source_id', 'name'].filter((name) => parameters.some((parameter) => parameter.name === name));
  return placeholder === 'source' ? key ?? 'source_id' : placeholder;
}

function namesOf({ parameters }: Query): string {
  return parameters.map(({ name }) => name).join(', ') || 'none';
}

/** Names of the columns that a query returns. */
function columnsOf(query: Query): string[] {
  return outerTargets(query).map(({ node }) => (node.name ?? columnPath(node.val)?.at(-1) ?? as('FuncCall', node.val)?.funcname
    ?.map((part) => as('String', part)?.sval).at(-1) ?? '').replace(/[!?]$/, ''));
}

/** What is written like an annotation, and stands where none is read. */
export function strayAnnotations(file: QueryFile): FileProblem[] {
  const read = new Set(file.queries.flatMap(({ annotations }) => annotations.map(({ offset }) => offset)));
  const marks = new RegExp(`(?<![\\w@])@(?:${Object.keys(forms).join('|')})\\b`, 'g');
  const finding: Finding = {
    rule: 'annotation',
    message: 'this annotation belongs to no query',
    fix: 'It stands on a line of its own, in the comment block on the lines right above /* @name … */.',
  };
  return [...file.text.matchAll(/\/\*[^]*?\*\/|--.*$/gm)].flatMap((comment) =>
    [...comment[0].matchAll(marks)].map(({ index }) => comment.index + index).filter((offset) => !read.has(offset)))
    .map((offset) => problemAt(file.path, file.text, offset, finding));
}

/** Two queries for one request, one field, or one metric. */
export function sharedAnnotations(files: readonly QueryFile[]): FileProblem[] {
  const seen = new Map<string, string>();
  return files.flatMap((file) => file.queries.flatMap((query) => {
    const { http, graphql, metrics } = annotationsOf(file, query);
    const found: FileProblem[] = [];
    const take = (rule: string, key: string, what: string, line: AnnotationLine): void => {
      const other = seen.get(`${rule} ${key}`);
      if (other === undefined) return void seen.set(`${rule} ${key}`, `query ${query.name} of ${file.path}`);
      found.push(problemAt(file.path, file.text, line.textOffset, {
        rule, message: `${what} is ${other} already`, fix: 'Give one of them another name.',
      }));
    };
    if (http) take('duplicate-path', `${http.method} ${http.path.replaceAll(/\{\w+\}/g, '{}')}`, `${http.method} ${http.path}`, http.line);
    if (graphql) take('duplicate-field', `${graphql.type}.${graphql.field}`, `${graphql.type}.${graphql.field}`, graphql.line);
    for (const { name, line } of metrics) take('duplicate-metric', name, name, line);
    return found;
  }));
}

/** `age: Seconds since …`, else the sentences that name the column, else the first one. */
function helpOf(prose: string, column: string): string {
  const sentences = sentencesOf(prose);
  const own = sentences.find((sentence) => sentence.startsWith(`${column}: `));
  return own?.slice(column.length + 2) ?? (sentencesAbout(prose, column) || (sentences[0] ?? ''));
}
