/** Files about the audit log: archives of sealed entries, and heads of the chain. docs/security.md describes both. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../disk/durable.js';
import { BtcdbError } from '../errors/catalogue.js';
import { messageOf } from '../errors/messages.js';

/** What a file says: the newest seal, by which it can be compared with a log. */
export interface Head {
  readonly seal_id: string;
  /** In hexadecimal. */
  readonly digest: string;
}

/** What an archive holds, once everything in it has been checked. */
export interface Archive extends Head {
  readonly firstSeal: string;
  readonly seals: number;
  readonly entries: number;
}

interface SealLine {
  readonly seal_id: number;
  readonly previous_digest: string | null;
  readonly entry_count: number;
  readonly entries_digest: string;
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

/**
 * Reads an archive and checks each entry against its seal and each seal against the one before it.
 *
 * @throws {BtcdbError} AUDIT_FILE
 */
export async function readArchive(path: string): Promise<Archive> {
  let [firstSeal, last]: [string | undefined, (SealLine & { readonly digest: string }) | undefined] = [undefined, undefined];
  let [seals, entries, pending] = [0, 0, 0];
  let digests = createHash('sha256');
  for await (const line of readLines(path)) {
    // A quick look first: most lines are entries.
    const seal = line.includes('"entries_digest"') ? sealOf(line) : undefined;
    if (seal === undefined) {
      digests.update(`${sha256(line)}\n`);
      pending++;
      continue;
    }
    const isNext = last === undefined || (seal.seal_id === last.seal_id + 1 && seal.previous_digest === last.digest);
    if (!isNext || seal.entry_count !== pending || seal.entries_digest !== digests.digest('hex')) {
      throw wrong(path, `the entries of seal ${seal.seal_id} are not what was sealed`);
    }
    firstSeal ??= String(seal.seal_id);
    last = { ...seal, digest: sha256(line) };
    seals++;
    entries += pending;
    pending = 0;
    digests = createHash('sha256');
  }
  if (firstSeal === undefined || last === undefined || pending > 0) throw wrong(path, 'it does not end with a seal');
  return { firstSeal, seal_id: String(last.seal_id), digest: last.digest, seals, entries };
}

function sealOf(line: Buffer): SealLine | undefined {
  try {
    const parsed = JSON.parse(line.toString()) as Partial<SealLine>;
    return typeof parsed.entries_digest === 'string' && typeof parsed.seal_id === 'number' ? parsed as SealLine : undefined;
  } catch {
    return undefined;
  }
}

/** The lines of a file that ends with a line, without their ends. */
async function* readLines(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10)) {
      yield bytes.subarray(0, end);
      bytes = bytes.subarray(end + 1);
    }
    rest = bytes;
  }
  if (rest.length > 0) throw wrong(path, 'its last line has no end');
}

/** Appends a head to a file of heads, unless it ends with it already. */
export async function appendHead(path: string, head: Head & Readonly<Record<string, unknown>>): Promise<void> {
  const known = await readHeads(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  if (known.at(-1)?.digest === head.digest) return;
  const file = await open(path, 'a', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(head)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
}

/**
 * The heads that a file holds, oldest first.
 *
 * @throws {BtcdbError} AUDIT_FILE
 */
export async function readHeads(path: string): Promise<Head[]> {
  const text = await readFile(path, 'utf8');
  return text.split('\n').filter((line) => line !== '').map((line) => {
    try {
      const { seal_id, digest } = JSON.parse(line) as Partial<Head>;
      if (!/^[1-9]\d*$/.test(seal_id!) || !/^[0-9a-f]{64}$/.test(digest!)) throw new Error('a line has no seal');
      return { seal_id: seal_id!, digest: digest! };
    } catch (error) {
      throw wrong(path, messageOf(error));
    }
  });
}

function wrong(path: string, what: string): BtcdbError {
  return new BtcdbError('AUDIT_FILE', `${path} is not whole: ${what}`, 'Look for another copy of the file. What it should hold can be told by the seals of the log.');
}
