/**
 * What annotations make of queries, and which of them are refused: each finding at its place. Whether a query only reads, and
 * whether it gives one row, PostgreSQL says.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import type { Endpoint } from '../../src/client/endpoint.js';
import { Codegen, type GenerateResult } from '../../tools/codegen/index.js';
import { formatProblem } from '../../tools/problem.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { assert, databaseSuite } from '../support/suite.js';
import { headlines, makeProject } from './project.js';

const test = databaseSuite('annotations', async (db) => {
  await db.query(`create type mood as enum ('glad', 'sad');
    create table owners (owner_id int primary key, name text not null unique);
    comment on column owners.name is 'What they are called.';
    create table pets (pet_id int primary key, owner_id int not null, mood mood, kind text not null check (kind in ('cat', 'dog')), born timestamptz not null);
    create sequence visits;
    create function visit() returns bigint language sql volatile return nextval('visits');
    create function adopt(pet int) returns int language plpgsql volatile as $$begin update pets set owner_id = 1 where pet_id = pet; return 1; end$$;
    create function age_of(born timestamptz) returns interval language plpgsql stable as $$begin return now() - born; end$$;
    create view visited as select p.pet_id, visit() as number from pets as p;
    create view aged as select p.pet_id, age_of(p.born) as age from pets as p`);
});

const project = makeProject();
let codegen: Codegen | undefined;

function generate(db: TestDatabase, files: Readonly<Record<string, string>>): Promise<GenerateResult> {
  project.reset(Object.fromEntries(Object.entries(files).map(([name, sql]) => [`queries/${name}.sql`, sql])));
  codegen ??= new Codegen({ url: db.url, folder: 'queries', endpoints: 'queries/endpoints.ts', root: project.root });
  return codegen.generate();
}

const query = (annotations: string, sql: string, name = 'q'): string => `/*\n * Prose.\n${annotations.replace(/^/gm, ' * ')}\n */\n/* @name ${name} */\n${sql};\n`;
const get = (sql: string): string => query('@http GET /pets', sql);

const owner = 'select o.owner_id, o.name from owners as o where o.owner_id = :owner_id!';
const pets = 'select p.pet_id, p.owner_id from pets as p limit :limit';

interface Case {
  readonly sql: string;
  /** What is said of it, after the name of the file; undefined: nothing. */
  readonly says?: RegExp;
}

const cases: Readonly<Record<string, Case>> = {
  // Form
  good: { sql: query('@http GET /owners/{owner_id}\n@graphql Query.owner Owner\n@cache closed\n@cache 5 seconds', owner) },
  oneLine: { sql: `/* @http GET /owners/{owner_id} */\n/* @name q */\n${owner};\n` },
  typo: { sql: query('@htpp GET /owners/{owner_id}', owner), says: /^:3:4: there is no annotation @htpp, in query q \(annotation\)$/ },
  noMethod: { sql: query('@http /owners/{owner_id}', owner), says: /^:3:10: @http is not followed by what it needs, .*\(annotation\)$/ },
  unknownMethod: { sql: query('@http FETCH /owners/{owner_id}', owner), says: /^:3:10: @http is not / },
  noPath: { sql: query('@http GET', owner), says: /^:3:10: @http is not / },
  queryString: { sql: query('@http GET /owners?id={owner_id}', owner), says: /^:3:10: @http is not / },
  halfPlaceholder: { sql: query('@http GET /owners/{owner_id', owner), says: /^:3:10: @http is not / },
  moreText: { sql: query('@http GET /owners/{owner_id} of one', owner), says: /^:3:10: @http is not / },
  noReturned: { sql: query('@graphql Query.owner', owner), says: /^:3:13: @graphql is not / },
  lowerType: { sql: query('@graphql query.owner Owner', owner), says: /^:3:13: @graphql is not / },
  snakeField: { sql: query('@graphql Query.one_owner Owner', owner), says: /^:3:13: @graphql is not / },
  histogram: { sql: query('@metric pets_count n histogram', 'select count(*) as n from pets'), says: /^:3:12: @metric is not / },
  noUnit: { sql: query('@http GET /owners/{owner_id}\n@cache 5', owner), says: /^:4:11: @cache is not / },
  twice: { sql: query('@http GET /owners/{owner_id}\n@http GET /o/{owner_id}', owner), says: /^:4:4: there is a second @http, in query q \(annotation\)$/ },
  aboveTheBlock: { sql: `/*\n * @http GET /owners/{owner_id}\n */\n/* Prose. */\n/* @name q */\n${owner};\n`, says: /^:2:4: this annotation belongs to no query \(annotation\)$/ },
  blankLine: { sql: `/* @http GET /owners/{owner_id} */\n\n/* @name q */\n${owner};\n`, says: /^:1:4: this annotation belongs to no query / },
  withinProse: { sql: `/* Prose, @http GET /owners/{owner_id} */\n/* @name q */\n${owner};\n`, says: /^:1:11: this annotation belongs / },
  withinStatement: { sql: `/* @name q */\n-- @http GET /owners/{owner_id}\n${owner};\n`, says: /^:2:4: this annotation belongs / },

  // Parameters of the path
  unknownPlaceholder: { sql: query('@http GET /owners/{id}', owner), says: /^:3:22: \{id\} is no parameter, in query q \(path-parameter\)$/ },
  noSource: { sql: query('@http GET /owners/{source}', owner), says: /^:3:22: \{source\} is no parameter/ },
  sourceIsSourceId: { sql: query('@http GET /sources/{source}', 'select :source_id!::int as source_id') },
  sourceIsName: { sql: query('@http GET /named/{source}', 'select o.owner_id from owners as o where o.name = :name!') },

  // Reading
  insert: { sql: get('insert into owners (owner_id, name) values (:id!, :name!) returning owner_id'), says: /^:3:10: PostgreSQL does not take this for a query that only reads: .* in query q \(read-writes\)$/ },
  insertByPost: { sql: query('@http POST /inserts', 'insert into owners (owner_id, name) values (:id!, :name!) returning owner_id') },
  insertWithin: { sql: get('with i as (insert into owners (owner_id, name) values (:id!, :name!) returning owner_id) select count(*) as n from i'), says: /read-writes/ },
  locks: { sql: get('select p.pet_id from pets as p limit 1 for update'), says: /read-writes/ },
  volatileFunction: { sql: get('select adopt(:pet!) as done'), says: /read-writes/ },
  // With a null this one would never be called.
  volatileCondition: { sql: get('select p.pet_id from pets as p where p.pet_id = :pet! and adopt(p.pet_id) = 1 limit 1'), says: /read-writes/ },
  sequence: { sql: get("select nextval('visits') as n"), says: /read-writes/ },
  volatileView: { sql: get('select v.pet_id, v.number from visited as v limit 3'), says: /read-writes/ },
  call: { sql: get('select set_config(\'app.user\', :name!, true) as name'), says: /read-writes/ },
  field: { sql: query('@graphql Query.adopted Done', 'select adopt(:pet!) as done'), says: /^:3:13: .*read-writes/ },
  mutation: { sql: query('@graphql Mutation.adopt Done', 'select adopt(:pet!) as done') },
  metric: { sql: query('@metric visits_total n counter', 'select visit() as n'), says: /^:3:12: .*read-writes/ },
  stableFunction: { sql: get('select age_of(p.born) as age from pets as p limit 3') },
  stableView: { sql: query('@http GET /aged', 'select a.pet_id, a.age from aged as a limit 3') },

  // Bounds
  unbounded: { sql: query('@http GET /every', 'select p.pet_id from pets as p order by p.pet_id'), says: /^:3:10: nothing bounds its rows, in query q \(unbounded\)$/ },
  unboundedField: { sql: query('@graphql Query.every Every[]', 'select p.pet_id as every from pets as p'), says: /^:3:13: nothing bounds its rows/ },
  unboundedMetric: { sql: query('@metric pet_age age gauge', 'select p.pet_id, extract(epoch from now() - p.born)::float8 as age from pets as p'), says: /^:3:12: nothing bounds its rows/ },
  limitAll: { sql: query('@http GET /all', 'select p.pet_id from pets as p limit all'), says: /unbounded/ },
  notByKey: { sql: query('@http GET /mine', 'select p.pet_id from pets as p where p.owner_id = :owner_id!'), says: /unbounded/ },
  grouped: { sql: query('@http GET /kinds', 'select p.kind, count(*) as n from pets as p group by p.kind'), says: /unbounded/ },
  limitedBelow: { sql: query('@http GET /some', 'select p.pet_id, o.name from (select q.pet_id from pets as q limit 5) as p cross join owners as o'), says: /unbounded/ },
  eachOf: { sql: query('@http GET /each', 'select d.pet_id from unnest(:owner_ids!::int[]) as k (owner_id) cross join lateral (select p.pet_id from pets as p where p.owner_id = k.owner_id order by p.born limit :limit!) as d') },

  // Metrics
  noValue: { sql: query('@metric pets_rows rows gauge', 'select count(*) as n from pets'), says: /^:3:22: there is no column rows for the value of pets_rows, in query q \(metric-value\)$/ },
  ofAParameter: { sql: query('@metric pets_of n gauge', 'select count(*) as n from pets as p where p.owner_id = :owner_id!'), says: /^:3:4: :owner_id is required, and a metric gives none/ },
  counterName: { sql: query('@metric pets_seen n counter', 'select count(*) as n from pets'), says: /^:3:12: the name of a counter ends in _total/ },
  gaugeName: { sql: query('@metric pets_total n gauge', 'select count(*) as n from pets'), says: /^:3:12: the name of a gauge does not end in _total/ },

  // Fields
  noParent: { sql: query('@graphql Nobody.pets Pet[]', pets), says: /^:3:13: no query gives a Nobody, in query q \(parent-parameter\)$/ },
  nothingOfParent: { sql: query('@graphql Owner.others Pet[]', pets), says: /^:3:13: it takes nothing of the Owner that it is a field of/ },
};

/** Beside each case there is a query that gives an Owner. */
const owners = query('@http GET /api/owners/{owner_id}\n@graphql Query.anOwner Owner', owner, 'owner');

test('each finding at its place, and nothing else', async (db) => {
  for (const [name, { sql, says }] of Object.entries(cases)) {
    const { problems } = await generate(db, { owners, q: sql });
    const found = headlines(problems).map((line) => line.slice('queries/q.sql'.length));
    assert.is(found.length, says ? 1 : 0, `${name}: ${found.join('\n') || 'nothing found'}`);
    if (says) assert.match(found[0]!, says, name);
    for (const problem of problems) assert.ok(problem.fix, `${problem.rule} says how to mend it`);
    assert.is(project.read('queries/endpoints.ts') === undefined, says !== undefined, `${name}: nothing is made of what is refused`);
  }
});

test('two queries for one thing, in whatever files', async (db) => {
  const both = async (first: string, second: string): Promise<string[]> =>
    headlines((await generate(db, { a: query(first, owner, 'one'), b: query(second, owner, 'two') })).problems);
  assert.equal(await both('@http GET /a/{owner_id}', '@http PUT /a/{owner_id}'), []);
  // Placeholders of another name are the same path.
  assert.equal(await both('@http GET /a/{owner_id}', '@http GET /a/{owner_id}'),
    ['queries/b.sql:3:10: GET /a/{owner_id} is query one of queries/a.sql already (duplicate-path)']);
  assert.equal(await both('@graphql Query.owner Owner', '@graphql Query.owner Owner'),
    ['queries/b.sql:3:13: Query.owner is query one of queries/a.sql already (duplicate-field)']);
  const metric = query('@metric pets n gauge', 'select count(*) as n from pets', 'pets');
  assert.equal(headlines((await generate(db, { a: metric, b: metric })).problems),
    ['queries/b.sql:3:12: pets is query pets of queries/a.sql already (duplicate-metric)']);
});

test('two queries that give one type have the same columns', async (db) => {
  const second = async (sql: string): Promise<string[]> =>
    headlines((await generate(db, { a: owners, b: query('@graphql Query.other Owner', sql) })).problems);
  assert.equal(await second('select o.name, o.owner_id from owners as o where o.name = :name!'), []);
  assert.equal(await second('select o.owner_id, o.name as label from owners as o limit 1'), [
    'queries/b.sql:3:25: as Owner it does not give what a.owner gives: label is text, there missing; name is missing, there text, in query q (type-columns)',
  ]);
  assert.match((await second('select o.owner_id, upper(o.name) as name from owners as o limit 1'))[0]!, /: name is text or null, there text, in query q/);
  assert.match((await second('select o.owner_id::bigint as "owner_id!", o.name from owners as o limit 1'))[0]!, /owner_id is bigint, there integer/);
});

test('a finding shows its line with a caret, and the fix', async (db) => {
  const { problems: [problem] } = await generate(db, { q: query('@http GET /owners/{id}', owner) });
  assert.is(formatProblem(problem!), [
    'queries/q.sql:3:22: {id} is no parameter, in query q (path-parameter)',
    '     * @http GET /owners/{id}',
    '                         ^',
    '    Its parameters are owner_id. {source} stands for source_id.',
  ].join('\n'));
});

/** What is written of the only endpoint. */
async function made(db: TestDatabase, files: Readonly<Record<string, string>>, name = 'q.q'): Promise<Omit<Endpoint, 'query'>> {
  const { problems } = await generate(db, files);
  assert.equal(headlines(problems), []);
  const text = project.read('queries/endpoints.ts')!;
  const { outputText } = ts.transpileModule(text.replaceAll(/^import .*$/gm, '').replaceAll(/^ {4}query: .*$/gm, ''), { compilerOptions: { module: ts.ModuleKind.ESNext } });
  const { endpoints } = (await import(`data:text/javascript,${encodeURIComponent(outputText)}`)) as { endpoints: Omit<Endpoint, 'query'>[] };
  return endpoints.find((endpoint) => endpoint.name === name)!;
}

test('what is said of parameters, columns and prose', async (db) => {
  const endpoint = await made(db, { q: `/*
 * The pets of an owner, a page of :limit. :moods are those that count.
 * The next page begins behind :after.
 * @http GET /owners/{owner_id}/pets
 */
/* @name q */
select p.pet_id, p.mood, p.kind, o.name, p.born, p.pet_id + 1 as "next!"
from pets as p
join owners as o on o.owner_id = p.owner_id
where p.owner_id = :owner_id!
  and p.mood = any (:moods!::mood[])
  and p.born > coalesce(:after, '-infinity'::timestamptz)
order by case :sort when 'name' then o.name when 'kind' then p.kind end, p.born
limit :limit;
` });
  assert.is(endpoint.prose, 'The pets of an owner, a page of :limit. :moods are those that count.\nThe next page begins behind :after.');
  assert.equal(endpoint.http, { method: 'GET', path: '/owners/{owner_id}/pets' });
  const parameter = { values: null, isRequired: false, in: 'query', placeholder: null, description: '' };
  assert.equal(endpoint.parameters, [
    { ...parameter, name: 'owner_id', type: 'integer', isRequired: true, in: 'path', placeholder: 'owner_id' },
    { ...parameter, name: 'moods', type: 'mood[]', values: ['glad', 'sad'], isRequired: true, description: ':moods are those that count.' },
    { ...parameter, name: 'after', type: 'timestamp with time zone', description: 'The next page begins behind :after.' },
    { ...parameter, name: 'sort', type: 'text', values: ['name', 'kind'] },
    { ...parameter, name: 'limit', type: 'bigint', description: 'The pets of an owner, a page of :limit.' },
  ]);
  const column = { values: null, isNullable: false, comment: '' };
  assert.equal(endpoint.columns, [
    { ...column, name: 'pet_id', type: 'integer' },
    { ...column, name: 'mood', type: 'mood', values: ['glad', 'sad'], isNullable: true },
    { ...column, name: 'kind', type: 'text', values: ['cat', 'dog'] },
    { ...column, name: 'name', type: 'text', comment: 'What they are called.' },
    { ...column, name: 'born', type: 'timestamp with time zone' },
    { ...column, name: 'next', type: 'integer' },
  ]);
  assert.match(project.read('queries/q.queries.ts')!, /^\/\*\*\n \* The pets of an owner, a page of :limit\. .*\n \* The next page begins behind :after\.\n \*\n \* Query generated/m);
});

test('rows are bounded by a key, an aggregate, or a limit', async (db) => {
  const boundOf = async (sql: string): Promise<unknown> => {
    const { bound, answer } = await made(db, { q: query('@http GET /x', sql) });
    return [answer, bound];
  };
  assert.equal(await boundOf('select o.name from owners as o where o.owner_id = :id!'), ['row', 'one']);
  assert.equal(await boundOf('select count(*) as n from pets as p where p.owner_id = :id!'), ['row', 'one']);
  assert.equal(await boundOf('select exists (select from pets) as "is_there!"'), ['row', 'one']);
  assert.equal(await boundOf('select p.pet_id from pets as p limit 1'), ['row', 1]);
  assert.equal(await boundOf('select p.pet_id from pets as p limit 20'), ['rows', 20]);
  assert.equal(await boundOf('select p.pet_id from pets as p limit least(:limit, 50)'), ['rows', { parameter: 'limit' }]);
  assert.equal(await boundOf(`select coalesce(json_agg(p.pet_id), '[]')::text as "json!" from (select q.pet_id from pets as q limit :limit) as p`), ['json', { parameter: 'limit' }]);
});

test('where the next page begins', async (db) => {
  const nextOf = async (sql: string): Promise<unknown> => (await made(db, { q: query('@http GET /x', sql) })).next;
  const asked = "from pets as p where p.born > coalesce(:after, '-infinity'::timestamptz) order by p.born limit :limit";
  assert.equal(await nextOf(`select p.pet_id, p.born ${asked}`), [{ parameter: 'after', column: 'born' }]);
  assert.equal(await nextOf(`select p.pet_id, p.born as "since!" ${asked}`), [{ parameter: 'after', column: 'since' }]);
  assert.equal(await nextOf(`select p.pet_id ${asked}`), [], 'the column is not there');
  assert.equal(await nextOf(`select p.pet_id, p.born ${asked.replace('p.born limit', 'p.born desc limit')}`), [], 'the other way round');
  assert.equal(
    await nextOf("select p.pet_id, p.born from pets as p where (p.born, p.pet_id) < (coalesce(:before, 'infinity'::timestamptz), coalesce(:before_id, 9)) order by p.born desc, p.pet_id desc limit 5"),
    [{ parameter: 'before', column: 'born' }, { parameter: 'before_id', column: 'pet_id' }],
  );
});

test('what a field has from its parent, one or all at once', async (db) => {
  const parentOf = async (annotation: string, sql: string): Promise<unknown> => (await made(db, { owners, q: query(annotation, sql) })).graphql;
  assert.equal(await parentOf('@graphql Owner.pets Pet[]', 'select p.pet_id from pets as p where p.owner_id = :owner_id! limit :limit'),
    { type: 'Owner', field: 'pets', returns: 'Pet', isList: true, parent: [{ parameter: 'owner_id', column: 'owner_id', isBatch: false }] });
  assert.equal(await parentOf('@graphql Owner.pet Pet', 'select p.owner_id, p.pet_id from pets as p where p.owner_id = any (:owner_ids!::int[]) limit 9'),
    { type: 'Owner', field: 'pet', returns: 'Pet', isList: false, parent: [{ parameter: 'owner_ids', column: 'owner_id', isBatch: true }] });
  // Nobody could tell whose the rows are.
  const { problems } = await generate(db, { owners, q: query('@graphql Owner.pet Pet', 'select p.pet_id from pets as p where p.owner_id = any (:owner_ids!::int[]) limit 9') });
  assert.match(headlines(problems)[0]!, /parent-parameter/);
});

test('metrics have the sentence that names their column', async (db) => {
  const { metrics, cache } = await made(db, { q: `/*
 * Of the pets. n: How many there are.
 * @metric pets n gauge
 * @metric pets_named_total named counter
 * @cache 2 minutes
 */
/* @name q */
select count(*) as n, count(p.mood) as named from pets as p;
` });
  assert.equal(metrics, [
    { name: 'pets', column: 'n', kind: 'gauge', help: 'How many there are.' },
    { name: 'pets_named_total', column: 'named', kind: 'counter', help: 'Of the pets.' },
  ]);
  assert.equal(cache, { closed: false, seconds: 120 });
});

test('a file that cannot be read, or a query that is broken, leaves the endpoints as they are', async (db) => {
  await generate(db, { owners });
  const before = project.read('queries/endpoints.ts');
  project.write('queries/broken.sql', query('@http GET /broken', 'select nothing from pets limit 1'));
  const { problems } = await codegen!.generate();
  assert.match(headlines(problems).join(), /^queries\/broken\.sql:6:8: column "nothing" does not exist[^,]*, in query q$/);
  assert.is(project.read('queries/endpoints.ts'), before);
  project.write('queries/broken.sql', query('@http GET /broken', 'select p.pet_id from pets as p limit 1'));
  assert.ok((await codegen!.generate({ isSame: true })).written.includes('queries/endpoints.ts'));
  project.write('queries/endpoints.ts', 'edited');
  assert.match(headlines((await codegen!.generate({ check: true })).problems)[0]!, /^queries\/endpoints\.ts:1: it is not what the annotations give/);
});

const page = readFileSync('docs/serving.md', 'utf8');

test('docs/serving.md: the example is taken, and its table has every annotation', async () => {
  const db = await testDatabase();
  const schema = new Codegen({ url: db.url, folder: 'queries', endpoints: 'queries/endpoints.ts', root: project.root });
  try {
    project.reset({ 'queries/example.sql': /^```sql\n([^]*?)^```$/m.exec(page)![1]! });
    const { problems } = await schema.generate();
    assert.equal(headlines(problems), []);
    assert.match(project.read('queries/endpoints.ts')!, 'path: "/api/sources/{source}/newest"');
    for (const name of ['http', 'graphql', 'metric', 'cache']) assert.match(page, `| \`@${name} `);
    for (const [, path = ''] of page.matchAll(/@http (?:GET) (\/\S+)`/g)) assert.ok(path.startsWith('/api/'), path);
  } finally {
    schema.close();
    await db.drop();
  }
});

test('docs/serving.md: the program runs', async () => {
  const program = /^```ts\n([^]*?)^```$/m.exec(page)![1]!.replace("'btc-dashboard-db/endpoints'", `'${pathToFileURL('dist/queries/endpoints.js').href}'`);
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  assert.match(stdout, /^GET \/api\/sources\/\{source\}\/rows series\.range/m);
});

test.run();
