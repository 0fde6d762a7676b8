/**
 * Advisory locks. In the engine all clients are one session, which never keeps itself off. So PostgreSQL's functions for
 * such locks are replaced by ones that ask the server, which knows the clients.
 */

/** Where the functions ask: they write a question and read the answer. */
export const lockDevice = '/dev/locks';

/** The locks that clients hold beyond their transactions. */
export class AdvisoryLocks<Client> {
  /** Whose statement the engine runs. */
  client: Client | undefined;
  /** The statement has failed because it would have to wait for another client. */
  mustWait = false;
  /** Called when a lock may have become free. */
  onRelease = (): void => undefined;
  /** How often a client holds what; a lock is its key and its mode. */
  readonly #held = new Map<Client, Map<string, number>>();

  /** Answers a question of the functions below. */
  ask(question: string): boolean {
    const [verb, key, mode] = question.trim().split(' ') as [string, string, string];
    const client = this.client!;
    const own = this.#held.get(client) ?? new Map<string, number>();
    const lock = `${key} ${mode}`;
    const count = own.get(lock) ?? 0;
    if (verb === 'unlock_all') {
      this.drop(client);
      return true;
    }
    if (verb === 'unlock') {
      if (count > 1) own.set(lock, count - 1);
      else own.delete(lock);
      if (count === 1) this.onRelease();
      return count > 0;
    }
    const isFree = [...this.#held].every(([other, locks]) =>
      other === client || (!locks.has(`${key} Exclusive`) && (mode === 'Share' || !locks.has(`${key} Share`))));
    if (!isFree && !verb.startsWith('try')) this.mustWait = true;
    // A transaction ends before another client can ask.
    if (isFree && !verb.endsWith('xact')) this.#held.set(client, own.set(lock, count + 1));
    return isFree;
  }

  /** Releases all that a client holds. */
  drop(client: Client): void {
    if (this.#held.delete(client)) this.onRelease();
  }
}

const waits = `
  if not pg_catalog.engine_ask(question) then
    raise lock_not_available using message = 'another client holds this advisory lock',
      detail = 'The embedded engine can only wait for it with a statement of its own, outside of a transaction.';
  end if;`;
const warns = (mode: string): string => `
  if not pg_catalog.engine_ask(question) then
    raise warning 'you don''t own a lock of type ${mode}Lock';
    return false;
  end if;`;

function* functions(): Generator<string> {
  const define = (name: string, [types, key]: readonly [string, string], verb: string, mode: string, result: string, body: string): string => `
    alter function pg_catalog.pg_${name}(${types}) rename to engine_${name};
    create function pg_catalog.pg_${name}(${types}) returns ${result} language plpgsql strict as $function$
    declare question text := '${verb} ' || ${key} || ' ${mode}';
    begin ${body} end $function$;`;
  for (const keys of [['bigint', '$1'], ['integer, integer', `$1 || ',' || $2`]] as const) {
    const values = keys[0] === 'bigint' ? '$1' : '$1, $2';
    for (const [mode, suffix] of [['Exclusive', ''], ['Share', '_shared']] as const) {
      yield define(`advisory_lock${suffix}`, keys, 'lock', mode, 'void', waits);
      yield define(`advisory_xact_lock${suffix}`, keys, 'xact', mode, 'void', `${waits} perform pg_catalog.engine_advisory_xact_lock${suffix}(${values});`);
      yield define(`try_advisory_lock${suffix}`, keys, 'try', mode, 'boolean', 'return pg_catalog.engine_ask(question);');
      yield define(`try_advisory_xact_lock${suffix}`, keys, 'try_xact', mode, 'boolean',
        `return pg_catalog.engine_ask(question) and pg_catalog.engine_try_advisory_xact_lock${suffix}(${values});`);
      yield define(`advisory_unlock${suffix}`, keys, 'unlock', mode, 'boolean', `${warns(mode)} return true;`);
    }
  }
  yield define('advisory_unlock_all', ['', `''`], 'unlock_all', '', 'void', 'perform pg_catalog.engine_ask(question);');
}

/** Puts the functions in the place of PostgreSQL's, once in a database. */
export const lockFunctions = `
  create function pg_catalog.engine_ask(question text) returns boolean language plpgsql security definer set search_path = pg_catalog as $function$
  begin
    execute format('copy (values (%L)) to ''${lockDevice}''', question);
    return pg_read_file('${lockDevice}') = 't';
  end $function$;
  ${[...functions()].join('')}`;
