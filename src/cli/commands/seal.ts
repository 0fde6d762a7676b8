import type { Command } from 'commander';
import { head, type IOtherSealsResult, otherSeals, seal, verify } from '../../../queries/audit.queries.js';
import { appendHead, readArchive, readHeads, type Archive, type Head } from '../../audit/files.js';
import { maybeOne } from '../../client/results.js';
import type { Database } from '../../client/open.js';
import { UsageError } from '../console/failure.js';
import { type GlobalOptions, withSchema } from '../console/place.js';
import { count, marks, moment, plural, print } from '../console/terminal.js';

interface SealOptions extends GlobalOptions {
  readonly export?: string;
}

interface VerifyOptions extends GlobalOptions {
  readonly against?: string;
  readonly archive?: readonly string[];
}

export function addSeal(program: Command): void {
  const command = program
    .command('seal')
    .description('seal the audit log, so that who changes it later is found out; on a server a policy does it')
    .option('--export <file>', 'append the digest of the newest seal to a file, to be kept where nobody changes it')
    .action(async (_options: object, self: Command) => {
      const { export: file, ...options } = self.optsWithGlobals<SealOptions>();
      await withSchema(options, async (db) => {
        const before = (await maybeOne(head, {}, db))?.last_id ?? '0';
        await seal.run(undefined, db);
        const newest = await maybeOne(head, {}, db);
        if (newest === undefined) throw new UsageError('There is nothing to seal: the audit log is empty', 'Write something first.');
        const digest = newest.digest.toString('hex');
        const is = before === newest.last_id ? 'Nothing new to seal' : 'The audit log is sealed';
        print(`${marks.ok} ${is}, up to entry ${count(newest.last_id)}: seal ${newest.seal_id} of ${moment(newest.sealed_at)}`);
        print(`  ${digest}`);
        if (file === undefined) return;
        await appendHead(file, { seal_id: newest.seal_id, last_id: newest.last_id, sealed_at: newest.sealed_at, digest });
        print(`  exported to ${file}`);
      });
    });
  command
    .command('verify')
    .description('look whether the audit log is as it was sealed, and name the first entry that is not')
    .option('--against <file>', 'compare with the digests that were exported to a file')
    .option('--archive <file...>', 'compare with files of archived entries')
    .action(async (_options: object, self: Command) => {
      const { against, archive = [], ...options } = self.optsWithGlobals<VerifyOptions>();
      const heads = against === undefined ? [] : await readHeads(against);
      if (against !== undefined && heads.length === 0) throw new UsageError(`${against} holds no digest`, 'Export one: btcdb seal --export FILE');
      const archives: (Archive & { readonly file: string })[] = [];
      for (const file of archive) archives.push({ file, ...(await readArchive(file)) });
      await withSchema(options, async (db) => {
        const fault = await maybeOne(verify, undefined, db);
        if (fault) fail(`${fault.entry === null ? 'The chain of seals' : `Entry ${fault.entry}`}: ${fault.what}, ${fault.detail}`);
        for (const { seal_id: id, is_there: isThere } of await others(heads, db)) {
          fail(isThere
            ? `Seal ${id} is not the one that was exported to ${against}: the chain was made anew`
            : `Seal ${id}, which was exported to ${against}, is not there: the end was cut off, or this is an older state of the database`);
        }
        for (const { file, seals, entries, ...last } of archives) {
          if ((await others([last], db)).length > 0) fail(`${file} holds entries of another log, or the chain was made anew`);
          else print(`${marks.ok} ${file}: ${plural(entries, 'entry', 'entries')} of ${plural(seals, 'seal')}, as they were sealed`);
        }
        if (process.exitCode === 1) return;
        const newest = await maybeOne(head, {}, db);
        print(newest === undefined
          ? `${marks.warning} Nothing is sealed yet: btcdb seal`
          : `${marks.ok} The audit log is as it was sealed, up to entry ${count(newest.last_id)} on ${moment(newest.sealed_at)}`);
      });
    });
}

function fail(message: string): void {
  print(`${marks.failure} ${message}`);
  process.exitCode = 1;
}

const others = (heads: readonly Head[], db: Database): Promise<IOtherSealsResult[]> =>
  otherSeals.run({ seal_ids: heads.map((each) => each.seal_id), digests: heads.map((each) => Buffer.from(each.digest, 'hex')) }, db);
