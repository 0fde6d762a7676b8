import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findCopyFromStdin } from '../../src/embedded/copy.js';

const test = suite('embedded: COPY FROM STDIN in the text of a query');

const rewritten = (sql: string): string | undefined => findCopyFromStdin(sql)?.from('/f');

test('is found and keeps its options', () => {
  assert.is(rewritten('copy t from stdin'), "copy t from '/f'");
  assert.is(
    rewritten('COPY t (a, "from") FROM STDIN WITH (FORMAT csv, HEADER);'),
    `COPY t (a, "from") FROM '/f' WITH (FORMAT csv, HEADER);`,
  );
  assert.is(
    rewritten("/* c /* nested */ stdin */ copy t -- from stdin\n from\tStdin (delimiter ';') where a > 1"),
    "/* c /* nested */ stdin */ copy t -- from stdin\n from\t'/f' (delimiter ';') where a > 1",
  );
});

test('knows the binary format', () => {
  assert.is(findCopyFromStdin('copy t from stdin')?.binary, false);
  assert.is(findCopyFromStdin('copy t from stdin with (format binary)')?.binary, true);
  assert.is(findCopyFromStdin("copy t from stdin (format 'binary')")?.binary, true);
  assert.is(findCopyFromStdin('copy binary t from stdin')?.binary, true);
  assert.is(findCopyFromStdin('copy binary from stdin')?.binary, false);
});

test('tells a statement alone from one among others', () => {
  assert.is(findCopyFromStdin('; copy t from stdin ; -- end\n')?.alone, true);
  assert.is(findCopyFromStdin("insert into t values (';'); copy t from stdin")?.alone, false);
});

test('is not found where the words mean something else', () => {
  for (const sql of [
    'select 1',
    'copy t to stdout',
    "copy t from '/tmp/stdin'",
    'copy (select * from stdin) to stdout',
    "select 'copy t from stdin'",
    "select e'\\'; copy t from stdin'",
    'select $x$; copy t from stdin $x$',
    'select "; copy t from stdin"',
    '-- copy t from stdin\nselect 1',
    '/* ; copy t from stdin */ select 1',
    'select copy from stdin',
    "do $$ begin execute 'copy t from stdin'; end $$",
  ]) {
    assert.is(findCopyFromStdin(sql), undefined, sql);
  }
});

test('long texts take no long time', () => {
  const begin = performance.now();
  assert.is(findCopyFromStdin(`select '${'copy t from stdin; '.repeat(200_000)}'`), undefined);
  assert.is(findCopyFromStdin('copy t, stdin; '.repeat(50_000)), undefined);
  assert.ok(performance.now() - begin < 3000);
});

test.run();
