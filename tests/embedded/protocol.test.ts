import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MessageReader, message, ProtocolViolation, readStartup, statusAtEnd } from '../../src/embedded/protocol.js';
import { startup } from './wire.js';

const test = suite('embedded: protocol');

function typedReader(): MessageReader {
  const reader = new MessageReader();
  reader.startTyped();
  return reader;
}

const stream = Buffer.concat([message('Q', 'select 1\0'), message('S'), message('P', 'name\0', 'x'.repeat(300))]);

test('cuts messages that arrive together', () => {
  const cut = [...typedReader().push(stream)];
  assert.is(cut.length, 3);
  assert.equal(Buffer.concat(cut), stream);
});

test('joins messages at every place of a split', () => {
  for (let at = 0; at <= stream.length; at++) {
    const reader = typedReader();
    const cut = [...reader.push(stream.subarray(0, at)), ...reader.push(stream.subarray(at))];
    assert.is(cut.length, 3, `split at ${at}`);
    assert.equal(Buffer.concat(cut), stream, `split at ${at}`);
  }
});

test('joins messages that arrive byte by byte', () => {
  const reader = typedReader();
  const cut = [...stream].flatMap((byte) => [...reader.push(Buffer.from([byte]))]);
  assert.is(cut.length, 3);
  assert.equal(Buffer.concat(cut), stream);
});

test('collects a large message in small pieces in linear time', () => {
  const large = message('d', Buffer.alloc(32 * 1024 * 1024, 7));
  const reader = typedReader();
  const begin = performance.now();
  const cut: Buffer[] = [];
  for (let at = 0; at < large.length; at += 1000) cut.push(...reader.push(large.subarray(at, at + 1000)));
  const took = performance.now() - begin;
  assert.is(cut.length, 1);
  assert.is(cut[0]?.length, large.length);
  assert.ok(took < 2000, `took ${took} ms`);
});

test('reads a startup packet before typed messages', () => {
  const reader = new MessageReader();
  const packet = startup({ user: 'postgres', database: 'x' });
  const [first] = [...reader.push(packet)];
  const read = readStartup(first ?? Buffer.alloc(8));
  assert.is(read.kind, 'startup');
  if (read.kind === 'startup')
    assert.equal(
      [...read.parameters],
      [
        ['user', 'postgres'],
        ['database', 'x'],
      ],
    );
});

test('refuses bytes that are not this protocol', () => {
  assert.throws(() => [...new MessageReader().push(Buffer.from('GET / HTTP/1.1\r\n\r\n'))], isViolation);
  assert.throws(() => [...typedReader().push(Buffer.from('GET / HTTP/1.1\r\n\r\n'))], isViolation);
  assert.throws(() => [...typedReader().push(Buffer.from([0x51, 0, 0, 0, 1]))], isViolation);
});

const isViolation = (error: Error): boolean => error instanceof ProtocolViolation;

test('finds the status at the end of an answer, also across chunks', () => {
  const answer = Buffer.concat([message('C', 'SELECT 1\0'), message('Z', 'T')]);
  assert.is(statusAtEnd([answer]), 'T');
  assert.is(statusAtEnd([answer.subarray(0, -2), answer.subarray(-2)]), 'T');
  assert.is(statusAtEnd([message('C', 'SELECT 1\0')]), undefined);
  assert.is(statusAtEnd([]), undefined);
});

test.run();
