import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isPlausibleTime, numberProblem, parseTimestamp, timestampProblem, isNumber, isoTimestamp } from '../../src/types/scalars.js';

const test = suite('import: scalars');

const iso = (text: string): string => isoTimestamp(parseTimestamp(text));

test('the unit of an epoch number follows from its magnitude', () => {
  for (const text of ['1502942400', '1502942400000', '1502942400000000', '1502942400000000000']) {
    assert.is(iso(text), '2017-08-17T04:00:00.000Z', text);
  }
  assert.match(timestampProblem('9999999999999999') ?? '', /2286.* not within/);
  assert.is(iso('10000000000000'), '1970-04-26T17:46:40.000Z');
  assert.is(iso('0'), '1970-01-01T00:00:00.000Z');
  assert.is(iso('4102444799'), '2099-12-31T23:59:59.000Z');
});

test('what is finer than a millisecond is cut off', () => {
  assert.is(iso('1502942400123999'), '2017-08-17T04:00:00.123Z');
  assert.is(iso('1502942400123999999'), '2017-08-17T04:00:00.123Z');
  assert.is(iso('1502942400.1239'), '2017-08-17T04:00:00.123Z');
  assert.is(iso('1502942400123.9'), '2017-08-17T04:00:00.123Z');
  assert.is(iso('2017-08-17 04:00:00.123999'), '2017-08-17T04:00:00.123Z');
});

test('other spellings of a number', () => {
  assert.is(iso('1502942400.0'), '2017-08-17T04:00:00.000Z');
  assert.is(iso('1502942400.5'), '2017-08-17T04:00:00.500Z');
  assert.is(iso('1.5029424e12'), '2017-08-17T04:00:00.000Z');
});

test('dates and ISO texts; without an offset they are UTC', () => {
  assert.is(iso('2011-08-18'), '2011-08-18T00:00:00.000Z');
  assert.is(iso('2011-08-18 01:02:03'), '2011-08-18T01:02:03.000Z');
  assert.is(iso('2011-08-18T01:02'), '2011-08-18T01:02:00.000Z');
  assert.is(iso('2011-08-18T01:02:03.4Z'), '2011-08-18T01:02:03.400Z');
  assert.is(iso('2011-08-18T01:02:03+02:00'), '2011-08-17T23:02:03.000Z');
  assert.is(iso('2011-08-18 01:02:03-0530'), '2011-08-18T06:32:03.000Z');
  assert.is(iso('2011-08-18 01:02:03 UTC'), '2011-08-18T01:02:03.000Z');
  assert.is(iso('2024-02-29'), '2024-02-29T00:00:00.000Z');
});

test('dates before 1970, and long ago', () => {
  assert.is(iso('1962-01-02'), '1962-01-02T00:00:00.000Z');
  assert.is(iso('1969-12-31 23:59:59.999'), '1969-12-31T23:59:59.999Z');
  assert.is(iso('0050-02-28'), '0050-02-28T00:00:00.000Z');
});

test('the cached date does not stick', () => {
  assert.equal(['86399999', '86400000', '86399999'].map((ms) => isoTimestamp(Number(ms))),
    ['1970-01-01T23:59:59.999Z', '1970-01-02T00:00:00.000Z', '1970-01-01T23:59:59.999Z']);
});

test('what is no timestamp says why', () => {
  for (const text of ['abc', '2023-02-29', '2023-13-01', '2011-08-18 25:00', '-5', 'NaN', '12/31/2020', '12345678901234567890']) {
    assert.not.ok(isPlausibleTime(parseTimestamp(text)), text);
    assert.match(timestampProblem(text) ?? '', `timestamp: "${text}" is neither an epoch number nor a date`);
  }
  assert.match(timestampProblem('2100-01-01') ?? '', /not within the years 1 to 2099/);
  assert.match(timestampProblem('0000-12-31') ?? '', /not within the years 1 to 2099/);
  assert.match(timestampProblem('4102444800') ?? '', /2100-01-01T00:00:00.000Z\) is not within/);
  for (const day of ['0001-01-01', '0071-06-30', '1962-01-02']) {
    assert.is(timestampProblem(day), undefined);
    assert.is(new Date(parseTimestamp(day)).toISOString().slice(0, 10), day);
  }
  assert.match(timestampProblem(null) ?? '', /missing/);
  assert.is(timestampProblem('1502942400'), undefined);
});

test('numbers', () => {
  for (const text of ['0', '-0.10', '1e-10', '+5', '.5', '5.', '1E+5', '3e12', '9'.repeat(40), `0.${'1'.repeat(40)}`, '1e1000']) {
    assert.ok(isNumber(text), text);
  }
});

test('no numbers', () => {
  for (const text of ['', '-', '.', '-.', 'NaN', 'Infinity', '-Infinity', 'abc', 'true', '1 2', '1,5', '0x10', '1e', '--1', '1.2.3', '1_000', '١']) {
    assert.not.ok(isNumber(text), text);
    assert.match(numberProblem('close', text), /^close: ".*" is not a number$/);
  }
  for (const text of ['1e1001', '1e-1001', '1e999999999999', '9'.repeat(1001)]) {
    assert.not.ok(isNumber(text), text.slice(0, 20));
    assert.match(numberProblem('close', text), /larger or finer/);
  }
});

test.run();
