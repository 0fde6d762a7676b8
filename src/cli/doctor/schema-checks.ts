/** Whether the schema is what the migrations make: migrations, functions, views, triggers, rights, indexes, rules. */
import * as doctor from '../../../queries/doctor.queries.js';
import type { Database } from '../../client/open.js';
import { transaction } from '../../client/transaction.js';
import { requireUnedited } from '../../schema/migrate.js';
import { divergenceError, migrationState, readCommitted } from '../../schema/migration-state.js';
import { plural } from '../console/terminal.js';
import { readDefinitions, settings, textOf, type Definition } from '../../schema/definitions.js';
import { failure, mendable, ok, orElse, unseen, warning, type Check, type Finding } from './finding.js';
import * as truth from '../../schema/truth.js';

/** Whether the schema is there; without it the other checks have nothing to look at. */
export async function checkMigrations(db: Database): Promise<Finding> {
  await requireUnedited();
  const committed = readCommitted();
  const { pending, divergence } = await migrationState(db, committed);
  if (divergence) {
    const { message, hint = '' } = divergenceError(divergence);
    // A newer schema can be looked at all the same.
    return divergence.kind === 'ahead' ? warning('migrations_unknown', message, hint) : failure('migrations_diverged', message, hint);
  }
  if (pending.length === committed.length) return failure('schema_missing', 'The schema is missing: no migration is applied', 'btcdb up');
  if (pending.length > 0) {
    return failure('migrations_pending', `${plural(pending.length, 'migration')} pending: ${pending.join(', ')}`, 'btcdb up');
  }
  return ok('migrations', `Migrations: ${committed.length} applied, none pending`);
}

/** How a function that is not the migrations' is mended. */
const again = ['btcdb doctor --fix', 'It is made again as this package has it. What was changed on purpose is a migration of your own, and a package of your own.'];

export const definitions: Check = async (db) => {
  // What a newer version has made is not known here.
  if ((await migrationState(db)).divergence) {
    return unseen('definitions', 'Functions and views: not compared, they are those of another version');
  }
  const there = await transaction(db, { readOnly: true, settings }, (tx) => readDefinitions(tx));
  const found = new Map(there.map((each) => [each.name, each]));
  return orElse(truth.definitions.flatMap((wanted) => compare(wanted, found.get(wanted.name))),
    ok('definitions', `Functions and views: all ${truth.definitions.length} as the migrations make them`));
};

function compare(wanted: Definition, found: Definition | undefined): Finding[] {
  const { kind, name, home, hash, generator, executors } = wanted;
  const grants = executors.length > 0 ? [`grant execute on routine ${name} to ${executors.join(', ')};`] : [];
  const rights = [`revoke execute on routine ${name} from public;`, ...grants];
  if (found === undefined && home === undefined) {
    return [mendable(failure(`${kind}_missing`, `The ${kind} ${name} is missing`, `select app_private.${generator}();`, ...rights))];
  }
  if (found === undefined) {
    return [mendable(failure(`${kind}_missing`, `The ${kind} ${name} is missing`, ...again), textOf(home!), ...(kind === 'function' ? rights : []))];
  }
  const findings: Finding[] = [];
  if (hash !== null && found.hash !== hash) {
    findings.push(mendable(failure(`${kind}_changed`, `The ${kind} ${name} is not the one that the migrations make`, ...again), textOf(home!)));
  }
  if (found.executors.includes('public') && !executors.includes('public')) {
    findings.push(mendable(failure('function_open', `Everybody may call ${name}, which is not for everybody`, ...rights)));
  }
  return findings;
}

/** As a restored dump has it, too: PostgreSQL sets other parentheses when it reads what it has printed. */
const bare = (definition: string | null): string | undefined => definition?.replaceAll(/[()\s]/g, '');

export const triggers: Check = async (db) => {
  const states = await transaction(db, { readOnly: true, settings }, (tx) => doctor.triggers.run(undefined, tx));
  const known = new Map(states.map((state) => [`${state.table}.${state.name}`, state]));
  return orElse(truth.triggers.flatMap(({ table, name, definition }) => {
    const found = known.get(`${table}.${name}`);
    if (found === undefined) {
      return [mendable(failure('trigger_missing', `The trigger ${name} of ${table} is missing`, `${definition};`, ...after(table)), `${definition};`)];
    }
    const anew = [`drop trigger ${name} on public.${table};`, `${definition};`];
    if (bare(found.definition) !== bare(definition)) {
      return [mendable(failure('trigger_changed', `The trigger ${name} of ${table} is not the one that the migrations make`, ...anew,
        ...after(table)), anew.join(' '))];
    }
    if (found.is_enabled) return [];
    // TimescaleDB refuses to enable a trigger of a hypertable: it is made again.
    const enable = table === 'timeseries_data' ? anew : [`alter table public.${table} enable trigger ${name};`];
    return [mendable(failure('trigger_disabled', `The trigger ${name} of ${table} is disabled`, ...enable, ...after(table)), enable.join(' '))];
  }), ok('triggers', `Triggers: all ${truth.triggers.length} in place and enabled`));
};

/** Rows that came without their triggers are not scored. */
function after(table: string): string[] {
  return table === 'timeseries_data' ? ['Then score the rows that came meanwhile: call rescore(source_id, from, to);'] : [];
}

export const rights: Check = async (db) => {
  const findings: Finding[] = [];
  const open = await doctor.openChunks.run(undefined, db);
  if (open.length > 0) {
    const roles = [...new Set(open.map(({ grantee }) => grantee))].join(', ');
    findings.push(mendable(failure('chunk_open',
      `${plural(new Set(open.map(({ chunk }) => chunk)).size, 'chunk')} can be written past the triggers by ${roles}`,
      'select app_private.close_chunks();')));
  }
  const droppers = await doctor.chunkDroppers.run(undefined, db);
  if (droppers.length > 0) {
    findings.push(warning('chunks_droppable', 'Everybody who can connect can drop chunks, past archive and audit log',
      `revoke execute on function ${droppers.map(({ name }) => name).join(', ')} from public;`, 'Only a superuser can do this; TimescaleDB 2.29 does not need it.'));
  }
  const makers = await doctor.jobMakers.run(undefined, db);
  if (makers.length > 0) {
    findings.push(warning('jobs_open', 'Everybody who can connect can make jobs, which take background workers from the policies',
      `revoke execute on function ${makers.map(({ name }) => name).join(', ')} from public;`, 'Only a superuser can do this.'));
  }
  return orElse(findings, ok('rights', 'Rights: nobody but the owner writes chunks'));
};

export const databaseSettings: Check = async (db) => orElse(
  (await doctor.lostSettings.run(undefined, db)).map(({ name, mend }) =>
    warning('setting_lost', `This database has lost its setting of ${name}`, mend, 'Sessions have it from their next connection on.')),
  ok('settings', "Settings: the database has the migrations'"),
);

export const structure: Check = async (db) => {
  const indexes = (await doctor.invalidIndexes.run(undefined, db)).map(({ name, mend }) =>
    mendable(failure('index_invalid', `The index ${name} is invalid`, mend)));
  const constraints = (await doctor.invalidConstraints.run(undefined, db)).map(({ table, name, mend }) =>
    mendable(warning('constraint_not_validated', `The constraint ${name} of ${table} is not validated`, mend)));
  return orElse([...indexes, ...constraints], ok('structure', 'Indexes and constraints: all valid'));
};

export const rules: Check = async (db) => {
  const off = (id: number): string => `update public.validation_rules set enabled = false where rule_id = ${id};`;
  const rescore = 'Then score the rows that came meanwhile: call rescore(source_id, from, to);';
  const faulty = await doctor.faultyRules.run(undefined, db);
  return orElse(faulty.map(({ rule_id: id, rule_name: name, rule_sql: sql, does_compile: compiles, problem }) => {
    if (!compiles) {
      return warning('rule_broken', `The rule ${name} does not compile any more, and each row violates it: ${sql}`,
        'Bring back what it uses, or switch it off:', off(id), rescore);
    }
    return warning('rule_raises', `The rule ${name} raises, and such rows violate it: ${problem}: ${sql}`,
      'Write it so that it cannot, for instance with nullif(x, 0) where it divides, or switch it off:', off(id), rescore);
  }), ok('rules', 'Rules: all compile, none raises'));
};
