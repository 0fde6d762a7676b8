import { statfs } from 'node:fs/promises';
import { InvalidArgumentError, type Command } from 'commander';
import type { Database } from '../../client/open.js';
import { openEmbedded, openPlace, type Place } from '../../connection.js';
import { hasData } from '../../embedded/folder.js';
import { redact, reportError } from '../console/failure.js';
import { type GlobalOptions, placeOf, shown } from '../console/place.js';
import { colours, marks, print, printJson } from '../console/terminal.js';
import { examine, exitCodeOf, failureOf, printFinding, type Examination, type Report } from '../doctor/examine.js';
import { usualLimits, type Finding, type Limits } from '../doctor/finding.js';
import { mend, type Mending } from '../doctor/mending.js';

interface DoctorOptions extends GlobalOptions {
  readonly json?: boolean;
  readonly fix?: boolean;
  readonly disk?: number;
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check connection, schema and data, and say how to mend what is wrong')
    .option('--json', 'print one JSON document for programs')
    .option('--fix', 'mend what can be mended without losing anything, and say what was done')
    .option('--disk <size>', 'what the database may take on the disk of its server, for example 500GB', bytesOf)
    .addHelpText('after', '\nExit code: 0 all is well, 1 something is to be looked at, 2 something is broken; after --fix of what remains.')
    .action(async (_options: object, command: Command) => {
      const options = command.optsWithGlobals<DoctorOptions>();
      const place = placeOf(options);
      const say = options.json ? () => {} : printFinding;
      const { examination, findings, mendings } = await examinePlace(place, options, say);
      process.exitCode = exitCodeOf(findings);
      if (options.json) {
        printJson({ ...examination, findings: findings.map(shownFinding), ...(options.fix ? { mended: mendings.map(shownMending) } : {}) });
      } else if (examination.engine === 'embedded') print(colours.dim(`  The embedded engine${whereabouts(place)}`));
    });
}

interface Visit {
  readonly examination: Partial<Examination>;
  /** After what was mended. */
  readonly findings: readonly Finding[];
  readonly mendings: readonly Mending[];
}

async function examinePlace(place: Place, { fix, disk, json, verbose }: DoctorOptions, say: Report): Promise<Visit> {
  let db: Database;
  try {
    db = await openFor(place);
  } catch (error) {
    const finding = failureOf('not_connected', 'Database not connected', error);
    say(finding);
    if (verbose) reportError(error, true);
    return { examination: { healthy: false }, findings: [finding], mendings: [] };
  }
  try {
    const limits = { ...usualLimits, diskBytes: disk, freeBytes: await freeBytes(place) };
    const first = await examined(db, limits, say);
    if (!fix) return { ...first, mendings: [] };
    const mendings = await mend(db, first.findings, json ? () => {} : printMending);
    if (mendings.length === 0) return { ...first, mendings };
    if (!json) print('After that:');
    // What is well has been said.
    return { ...await examined(db, limits, (finding) => finding.state === 'ok' || say(finding)), mendings };
  } finally {
    await db.close();
  }
}

async function examined(db: Database, limits: Limits, say: Report): Promise<Omit<Visit, 'mendings'>> {
  const findings: Finding[] = [];
  const examination = await examine(db, (finding) => {
    findings.push(finding);
    say(finding);
  }, limits);
  return { examination, findings };
}

function printMending({ message, did, error }: Mending): void {
  print(error === undefined ? `${marks.ok} Mended: ${redact(message)}` : `${marks.failure} Not mended: ${redact(message)}: ${redact(error)}`);
  for (const statement of did) print(colours.dim(`  ${redact(firstLine(statement))}`));
}

/** Of the text of a function the line that says which. */
function firstLine(statement: string): string {
  const lines = statement.split('\n').filter((line) => !line.startsWith('--'));
  return lines.length > 1 ? `${lines[0]} …` : lines[0] ?? '';
}

/** Of the disk of this machine, where the database is on it. */
async function freeBytes(place: Place): Promise<number | undefined> {
  if (place.kind === 'server' || !hasData(place.folder)) return undefined;
  const { bavail, bsize } = await statfs(place.folder);
  return bavail * bsize;
}

function bytesOf(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kMGT]?)i?B?$/i.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('Write a size such as 500GB.');
  return Number(number) * 1024 ** ['', 'k', 'm', 'g', 't'].indexOf(unit.toLowerCase());
}

/** Neither an examination nor what it mends queues for long behind a lock, where others would queue behind it. */
const patience = { lockTimeoutMs: 5000 };

/** An examination leaves nothing behind: where there is no embedded database yet, an empty one in memory stands in. */
function openFor(place: Place): Promise<Database> {
  return place.kind === 'embedded' && !hasData(place.folder) ? openEmbedded(undefined) : openPlace(place, patience);
}

function whereabouts(place: Place): string {
  if (place.kind === 'server') return ', served by another process';
  return hasData(place.folder) ? ` in ${shown(place.folder)}` : `; ${shown(place.folder)} does not exist yet, so this one was in memory`;
}

function shownFinding({ name, state, message, mend: lines = [] }: Finding): Omit<Required<Finding>, 'fix'> {
  return { name, state, message: redact(message), mend: lines.map(redact) };
}

function shownMending({ error, ...mending }: Mending): Mending {
  return { ...mending, message: redact(mending.message), ...(error === undefined ? {} : { error: redact(error) }) };
}
