/** Functions, procedures and views: what a database has of them, and what the migrations of this package make. */
import { readFileSync } from 'node:fs';
import * as doctor from '../../queries/doctor.queries.js';
import type { Queryable } from '../client/results.js';
import { migrationsFolder, readCommitted } from './migration-state.js';
import { regionsOf } from './regions.js';

/** A function, procedure or view. */
export interface Definition {
  readonly kind: 'function' | 'view';
  /** With schema and types of arguments. */
  readonly name: string;
  /** Where its text is read, in the migrations folder; none for what others generate. */
  readonly home: string | undefined;
  /** Of its text; null for what others generate. */
  readonly hash: string | null;
  /** What generates it. */
  readonly generator: string | null;
  /** Of public and the roles of this schema those who may call it. */
  readonly executors: readonly string[];
}

/** Settings that decide how PostgreSQL prints a definition. */
export const settings = {
  search_path: 'pg_catalog', timezone: 'UTC', datestyle: 'ISO, MDY', intervalstyle: 'postgres', quote_all_identifiers: 'off',
} as const;

/** @param db in a transaction with the settings above */
export async function readDefinitions(db: Queryable): Promise<Definition[]> {
  return (await doctor.definitions.run(undefined, db)).map(({ kind, name, bare_name: bareName, hash, generator, executors }) => ({
    kind: kind as Definition['kind'], name, home: generator === null ? `${kind}s/${bareName}.sql` : undefined, hash, generator,
    executors: executors.map(String),
  }));
}

/** The text of a home as the migrations carry it: the last one that does. */
export function textOf(home: string): string {
  const texts = readCommitted().flatMap(({ name }) =>
    regionsOf(readFileSync(`${migrationsFolder}/committed/${name}`, 'utf8')).filter((region) => region.home === home).map(({ text }) => text));
  return texts.at(-1) ?? '';
}
