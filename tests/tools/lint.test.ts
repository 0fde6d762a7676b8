/** The query lint: what it finds, what it lets pass, and that pgTyped and the database disagree where it says so. */
import type pg from 'pg';
import { Codegen } from '../../tools/codegen/index.js';
import { readQueries } from '../../tools/queries/folder.js';
import { formatProblem } from '../../tools/problem.js';
import { assert, databaseSuite } from '../support/suite.js';
import { headlines, makeProject, stock } from './project.js';

// Of the rows of each table one has its match in the others.
const test = databaseSuite('lint', async (db) => {
  await db.query(`create table owners (owner_id int primary key, name text not null);
    create table pets (pet_id int primary key, owner_id int not null, name text not null, size int not null);
    insert into owners values (1, 'Ann'), (2, 'Bob');
    insert into pets values (1, 1, 'Rex', 3), (2, 7, 'Tom', 4)`);
});

interface Join {
  readonly sql: string;
  /** The columns that are found. */
  readonly finds: readonly string[];
}

/** Each is run: a column that is null and that nobody, by `!`, has declared as never null must be found if pgTyped declares it so. */
const joins: Readonly<Record<string, Join>> = {
  leftJoin: { sql: 'select o.name as owner, p.name from owners as o left join pets as p on p.owner_id = o.owner_id', finds: ['name'] },
  rightJoin: { sql: 'select o.name as owner, p.name from owners as o right join pets as p on p.owner_id = o.owner_id', finds: ['owner'] },
  fullJoin: { sql: 'select o.name as owner, p.name from owners as o full join pets as p on p.owner_id = o.owner_id', finds: ['owner', 'name'] },
  innerJoin: { sql: 'select o.name as owner, p.name from owners as o join pets as p on p.owner_id = o.owner_id', finds: [] },
  marked: { sql: 'select p.name as "name?" from owners as o left join pets as p on p.owner_id = o.owner_id', finds: [] },
  promised: { sql: 'select p.name as "name!" from owners as o left join pets as p on p.owner_id = o.owner_id', finds: [] },
  promisedFunction: { sql: 'select upper(p.name) as "name!" from owners as o left join pets as p on p.owner_id = o.owner_id', finds: [] },
  promisedSum: { sql: 'select o.name, sum(p.size) as "size!" from owners as o left join pets as p on p.owner_id = o.owner_id group by o.name', finds: [] },
  function: { sql: 'select upper(p.name) as name from owners as o left join pets as p on p.owner_id = o.owner_id', finds: [] },
  cast: { sql: 'select p.name::text from owners as o left join pets as p on p.owner_id = o.owner_id', finds: ['name'] },
  parentheses: { sql: 'select (p.name) from owners as o left join pets as p on p.owner_id = o.owner_id', finds: ['name'] },
  coalesce: { sql: `select coalesce(p.name, '') as "name!", coalesce(p.name, o.name) as "other!" from owners as o left join pets as p on p.owner_id = o.owner_id`, finds: [] },
  coalesceOfLost: { sql: 'select coalesce(p.name, p.size::text) as "name!" from owners as o left join pets as p on p.owner_id = o.owner_id', finds: [] },
  count: { sql: 'select o.name, count(p.pet_id) as "pets!" from owners as o left join pets as p on p.owner_id = o.owner_id group by o.name', finds: [] },
  isNull: { sql: 'select p.pet_id is null as "alone!", p.name is distinct from o.name as "other!" from owners as o left join pets as p on p.owner_id = o.owner_id', finds: [] },
  guardedCase: { sql: `select case when p.pet_id is null then 'none' else p.name end as "name!" from owners as o left join pets as p on p.owner_id = o.owner_id`, finds: [] },
  unguardedCase: { sql: `select case when o.owner_id > 0 then p.name else 'x' end as "name!" from owners as o left join pets as p on p.owner_id = o.owner_id`, finds: [] },
  greatest: { sql: 'select greatest(p.size, 0) as "size!", greatest(p.size, p.pet_id) as "worse!" from owners as o left join pets as p on p.owner_id = o.owner_id', finds: [] },
  subquery: { sql: 'select s.pet from (select p.name as pet from owners as o left join pets as p on p.owner_id = o.owner_id) as s', finds: ['pet'] },
  joinedSubquery: { sql: 'select s.name from owners as o left join (select p.owner_id, p.name from pets as p) as s on s.owner_id = o.owner_id', finds: ['name'] },
  computedInSubquery: { sql: 'select s.name, s.pets from owners as o left join (select p.owner_id, max(p.name) as name, count(*) as pets from pets as p group by 1) as s on s.owner_id = o.owner_id', finds: ['name', 'pets'] },
  cte: { sql: 'with s as (select o.owner_id, p.name from owners as o left join pets as p on p.owner_id = o.owner_id) select s.owner_id, s.name from s', finds: ['owner_id', 'name'] },
  cteRenamed: { sql: 'with s (a, b) as (select o.owner_id, p.name from owners as o left join pets as p on p.owner_id = o.owner_id) select s.a, s.b from s', finds: ['a', 'b'] },
  joinedCte: { sql: 'with s as (select p.owner_id, p.name from pets as p) select o.owner_id, s.name from owners as o left join s on s.owner_id = o.owner_id', finds: ['name'] },
  recursive: { sql: 'with recursive s as (select o.owner_id, p.size from owners as o left join pets as p on p.owner_id = o.owner_id union all select s.owner_id, s.size from s where false) select s.owner_id, s.size as "size!" from s', finds: ['owner_id'] },
  lateral: { sql: 'select l.name from owners as o left join lateral (select p.name from pets as p where p.owner_id = o.owner_id limit 1) as l on true', finds: ['name'] },
  lateralOfLost: { sql: 'select l.again from owners as o left join pets as p on p.owner_id = o.owner_id cross join lateral (select p.name as again) as l', finds: ['again'] },
  nested: { sql: 'select q.name from owners as o left join (pets as p join pets as q on q.pet_id = p.pet_id) on p.owner_id = o.owner_id', finds: ['name'] },
  chained: { sql: 'select o.name, q.name as other from pets as p left join owners as o on o.owner_id = p.owner_id left join pets as q on q.owner_id = o.owner_id', finds: ['name', 'other'] },
  namedJoin: { sql: 'select j.size from (owners as o left join pets as p on p.owner_id = o.owner_id) as j', finds: ['size'] },
  unqualified: { sql: 'select size from owners as o left join pets as p on p.owner_id = o.owner_id', finds: ['size'] },
  using: { sql: 'select owner_id, o.name from owners as o left join pets as p using (owner_id)', finds: ['owner_id'] },
  usingFull: { sql: 'select owner_id as "owner_id!" from owners as o full join pets as p using (owner_id)', finds: [] },
  union: { sql: 'select p.size as "size!" from owners as o left join pets as p on p.owner_id = o.owner_id union all select 1', finds: [] },
  unionOfColumns: { sql: 'select p.size from owners as o left join pets as p on p.owner_id = o.owner_id union all select 1', finds: [] },
  values: { sql: 'select v.n from owners as o left join (values (1, 2)) as v (owner_id, n) on v.owner_id = o.owner_id', finds: ['n'] },
  setReturning: { sql: 'select n.n from owners as o left join unnest(array[1]) as n (n) on n.n = o.owner_id', finds: ['n'] },
  scalarSubquery: { sql: 'select (select p.name from pets as p where p.owner_id = o.owner_id) as name from owners as o', finds: [] },
  returning: { sql: 'update owners as t set name = t.name from owners as o left join pets as p on p.owner_id = o.owner_id where t.owner_id = o.owner_id returning t.name, p.name as pet', finds: ['pet'] },
};

test('outer joins: what the lint finds is what pgTyped declares wrongly', async (db) => {
  const file = 'queries/joins.sql';
  const project = makeProject({ [file]: Object.entries(joins).map(([name, { sql }]) => `/* @name ${name} */\n${sql};\n`).join('\n') });
  const { problems } = readQueries(project.root, 'queries');
  assert.ok(problems.every(({ rule }) => rule === 'outer-join-nullable'), headlines(problems).join('\n'));
  assert.is((await stock(project, db.url)).code, 0);
  const generated = project.read(file.replace('.sql', '.queries.ts'))!;
  let lies = 0;
  for (const [index, [name, { sql, finds }]] of Object.entries(joins).entries()) {
    const found = problems.filter(({ line }) => line === 3 * index + 2);
    assert.equal(found.map(({ message }) => /^(\w+) may be null/.exec(message)?.[1]), finds, name);

    const type = new RegExp(`export interface I${name[0]!.toUpperCase()}${name.slice(1)}Result \\{([^}]*)\\}`).exec(generated)![1]!;
    const { rows } = await db.query<Record<string, unknown>>(sql);
    assert.ok(rows.length > 0, name);
    for (const column of Object.keys(rows[0]!)) {
      const plain = column.replace(/[!?]$/, '');
      const isDeclaredNull = new RegExp(`\\b${plain}: .* \\| null;`).test(type);
      const isNull = rows.some((row) => row[column] === null);
      if (isDeclaredNull || !isNull || sql.includes(`"${plain}!"`)) continue;
      lies++;
      assert.ok(finds.includes(plain), `${name}: ${plain} is null and declared as never null`);
    }
  }
  assert.ok(lies >= 15, `pgTyped declares only ${lies} of these wrongly`);
});

const findings: Readonly<Record<string, { readonly sql: string; readonly says: readonly RegExp[] }>> = {
  star: { sql: '/* @name q */\nselect\n  *\nfrom pets;\n', says: [/^:3:3: with \* the result changes .* \(select-star\)$/] },
  tableStar: { sql: '/* @name q */\nselect p.*, p.name as again\nfrom pets as p;\n', says: [/^:2:8: .*\(select-star\)$/] },
  returningStar: { sql: '/* @name q */\ndelete from pets returning *;\n', says: [/^:2:28: .*\(select-star\)$/] },
  innerStar: { sql: '/* @name q */\nwith s as (select * from pets) select s.name from s;\n', says: [/^:2:19: .*\(select-star\)$/] },
  rowStar: { sql: '/* @name q */\nselect (p).* from pets as p;\n', says: [/^:2:8: .*\(select-star\)$/] },
  countStar: { sql: '/* @name q */\nselect count(*) as "n!" from pets as p where exists (select * from owners as o where o.owner_id = p.owner_id);\n', says: [] },
  orderByParameter: { sql: '/* @name q */\nselect p.name\nfrom pets as p\norder by :column;\n', says: [/^:4:10: order by :column orders by a constant, .*\(order-by-parameter\)$/] },
  orderByCast: { sql: '/* @name q */\nselect p.name from pets as p order by p.name, lower(p.name), :a!::int desc;\n', says: [/^:2:62: order by :a /] },
  orderByWindow: { sql: '/* @name q */\nselect row_number() over (order by :a!::int) as "n!" from pets;\n', says: [/^:2:36: order by :a /] },
  orderByChoice: { sql: "/* @name q */\nselect p.name from pets as p order by case when :by! = 'size' then p.size else p.pet_id end, p.size + :a!;\n", says: [] },
  spread: {
    sql: '/*\n  @name q\n  @param ids -> (...)\n*/\nselect p.name\nfrom pets as p\nwhere p.pet_id in :ids!;\n',
    says: [/^:7:19: ids stands for several values, .*: an empty spread is a syntax error, .* \(spread\)$/],
  },
  spreadRows: {
    sql: '/*\n  @name q\n  @param rows -> ((owner_id!, name!)...)\n*/\ninsert into owners (owner_id, name) values :rows returning name;\n',
    says: [/^:5:44: rows stands for .*\(spread\)$/],
  },
  pick: {
    sql: '/*\n  @name q\n  @param row -> (owner_id!, name!)\n*/\ninsert into owners (owner_id, name) values :row returning name;\n',
    says: [/^:5:44: row stands for .*\(spread\)$/],
  },
  nullableComparison: { sql: '/* @name q */\nselect p.name\nfrom pets as p\nwhere p.name = :name;\n', says: [/^:4:16: a comparison with null is never true: when :name is left out .*\(nullable-comparison\)$/] },
  nullableAny: { sql: '/* @name q */\nselect p.name from pets as p where p.pet_id = any (:ids::int[]);\n', says: [/^:2:52: .*\(nullable-comparison\)$/] },
  minded: {
    sql: '/* @name q */\nselect p.name from pets as p\nwhere (:name::text is null or p.name = :name) and p.size = :size! and p.pet_id > coalesce(:after, 0) and p.name is not distinct from :same\nlimit :limit;\n',
    says: [],
  },
  // What the structure is, codegen's tests say.
  unreadable: { sql: '-- Pets.\n/* @name q */\nselect p.name from pets as p;\n', says: [/^:1:1: .*\(unreadable\)$/] },
  misspelt: { sql: '/* @name q */\nselect p.name from pets as p were p.size > :größe!;\n', says: [/^:2:47: pgTyped cannot read this, .*\(unreadable\)$/] },
  syntax: { sql: '/* @name q */\nselect p.name from pets as p\nwhere p.size = :size! or;\n', says: [/^:3:25: syntax error at end of input, in query q \(syntax\)$/] },
  unended: { sql: "/* @name q */\nselect 'a' as a,\n  'b as b;\n", says: [/^:3:3: pgTyped cannot read this, .*\(unreadable\)$/] },
};

test('each finding at its place, and nothing else', async () => {
  const project = makeProject(Object.fromEntries(Object.entries(findings).map(([name, { sql }]) => [`queries/${name}.sql`, sql])));
  const { problems } = readQueries(project.root, 'queries');
  for (const [name, { says }] of Object.entries(findings)) {
    const file = `queries/${name}.sql`;
    const found = headlines(problems.filter((problem) => problem.file === file)).map((line) => line.slice(file.length));
    assert.is(found.length, says.length, `${name}: ${found.join('\n')}`);
    for (const [index, pattern] of says.entries()) assert.match(found[index]!, pattern, name);
  }
  for (const problem of problems.filter(({ rule }) => rule !== 'syntax' && rule !== 'unreadable')) assert.ok(problem.fix, `${problem.rule} says how to mend it`);
});

test('pgTyped passes what the lint finds, codegen tells and makes the types', async (db) => {
  const names = ['star', 'orderByParameter', 'nullableComparison'];
  const spreads = ['spread', 'spreadRows'];
  const project = makeProject(Object.fromEntries([...names, ...spreads].map((name) => [`queries/${name}.sql`, findings[name]!.sql])));
  assert.is((await stock(project, db.url)).code, 0);
  for (const name of spreads) {
    assert.match(project.read(`queries/${name}.queries.ts`) ?? '', /export const q = /, name);
    project.remove(`queries/${name}.sql`);
  }
  const codegen = new Codegen({ url: db.url, folder: 'queries', root: project.root });
  const { problems } = await codegen.generate();
  assert.equal(headlines(problems), headlines(readQueries(project.root, 'queries').problems));
  assert.is(problems.length, names.length);
  codegen.close();
  for (const name of names) assert.match(project.read(`queries/${name}.queries.ts`) ?? '', /export const q = /, name);

  // Why two of them are findings.
  let error: unknown;
  await db.query('select p.name from pets as p where p.pet_id in ()').catch((caught: unknown) => (error = caught));
  assert.is((error as pg.DatabaseError).code, '42601');
  const by = async (column: string): Promise<unknown[]> => (await db.query('select p.name from pets as p order by $1', [column])).rows;
  assert.equal(await by('name'), await by('name desc'));
});

test('a finding shows its line with a caret, and the fix', async () => {
  const project = makeProject({ 'queries/q.sql': findings['orderByParameter']!.sql });
  const { problems } = readQueries(project.root, 'queries');
  assert.match(formatProblem(problems[0]!), /^[^\n]+\n {4}order by :column;\n {4} {9}\^\n {4}Name the columns to choose from: /);
});

test('a wide line is shown around the column', async () => {
  const source = `${'a'.repeat(200)}\t📈b${'c'.repeat(200)}`;
  const [headline, shown, caret, ...more] = formatProblem({ file: 'wide.sql', line: 1, column: 203, source, message: 'wide' }).split('\n');
  assert.equal([headline, more], ['wide.sql:1:203: wide', []]);
  assert.is(shown, `    ${'a'.repeat(53)}\t📈b${'c'.repeat(54)}`);
  assert.is(caret, `    ${' '.repeat(53)}\t ^`);
});

test('a problem without a file, or with several lines', async () => {
  assert.is(formatProblem({ message: 'nothing there', fix: 'Put it there.' }), 'nothing there\n    Put it there.');
  assert.is(formatProblem({ file: 'a.sql', line: 2, source: '- x\n+ b', message: 'not the same' }), 'a.sql:2: not the same\n    - x\n    + b');
});

test.run();
