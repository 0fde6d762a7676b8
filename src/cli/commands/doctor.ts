import type { Command } from 'commander';
import type { Database } from '../../client/open.js';
import { openEmbedded, openPlace, type Place } from '../../connection.js';
import { hasData } from '../../embedded/folder.js';
import { redact, reportError } from '../console/failure.js';
import { type GlobalOptions, placeOf, shown } from '../console/place.js';
import { colours, print, printJson } from '../console/terminal.js';
import { type Finding } from '../doctor/checks.js';
import { examine, failureOf, printFinding, type Examination } from '../doctor/examine.js';

interface DoctorOptions extends GlobalOptions {
  readonly json?: boolean;
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check connection, schema and data, and say how to mend what is wrong')
    .option('--json', 'print one JSON document for programs')
    .action(async (_options: object, command: Command) => {
      const options = command.optsWithGlobals<DoctorOptions>();
      const place = placeOf(options);
      const findings: Finding[] = [];
      const report = (finding: Finding): void => {
        findings.push(finding);
        if (!options.json) printFinding(finding);
      };
      const examination = await examinePlace(place, report, options.verbose === true);
      if (!examination.healthy) process.exitCode = 1;
      if (options.json) printJson({ ...examination, findings: findings.map(shownFinding) });
      else if (examination.engine === 'embedded') print(colours.dim(`  The embedded engine${whereabouts(place)}`));
    });
}

async function examinePlace(place: Place, report: (finding: Finding) => void, verbose: boolean): Promise<Partial<Examination>> {
  let db: Database;
  try {
    db = await openFor(place);
  } catch (error) {
    report(failureOf('Database not connected', error));
    if (verbose) reportError(error, true);
    return { healthy: false };
  }
  try {
    return await examine(db, report);
  } finally {
    await db.close();
  }
}

/** An examination leaves nothing behind: where there is no embedded database yet, an empty one in memory stands in. */
function openFor(place: Place): Promise<Database> {
  return place.kind === 'embedded' && !hasData(place.folder) ? openEmbedded(undefined) : openPlace(place);
}

function whereabouts(place: Place): string {
  if (place.kind === 'server') return ', served by another process';
  return hasData(place.folder) ? ` in ${shown(place.folder)}` : `; ${shown(place.folder)} does not exist yet, so this one was in memory`;
}

function shownFinding({ state, message, mend = [] }: Finding): Required<Finding> {
  return { state, message: redact(message), mend: mend.map(redact) };
}
