/** CREATE DATABASE and DROP DATABASE, which the server carries out: an engine has one database only. */

import { statements, type Token } from './sql.js';

export type DatabaseCommand =
  | { is: 'create'; name: string; template: string | undefined; owner: string | undefined }
  | { is: 'drop'; name: string; ifExists: boolean; force: boolean };

export interface FoundCommand {
  /** Whether the query text holds nothing but this statement. */
  alone: boolean;
  /** CREATE DATABASE, for example. */
  tag: string;
  /** Undefined when the statement asks for something that the server cannot do. */
  command: DatabaseCommand | undefined;
}

/** Finds a statement that makes, drops or renames a database in the text of a query. */
export function findDatabaseCommand(sql: string): FoundCommand | undefined {
  if (!/database/i.test(sql) || !/create|drop|alter/i.test(sql)) return undefined;
  const all = [...statements(sql)];
  for (const [verb, database, ...rest] of all) {
    if (verb?.kind !== 'word' || database?.kind !== 'word' || database.text !== 'database') continue;
    const isRenaming = verb.text === 'alter' && rest.some(({ kind, text }) => kind === 'word' && text === 'rename');
    if (verb.text !== 'create' && verb.text !== 'drop' && !isRenaming) continue;
    const command = verb.text === 'create' ? readCreate(rest) : verb.text === 'drop' ? readDrop(rest) : undefined;
    return { alone: all.length === 1, tag: `${verb.text.toUpperCase()} DATABASE`, command };
  }
  return undefined;
}

function readCreate(tokens: Token[]): DatabaseCommand | undefined {
  const name = nameIn(tokens.shift());
  if (name === undefined) return undefined;
  const options: { template?: string; owner?: string } = {};
  takeWords(tokens, 'with');
  while (tokens.length > 0) {
    const option = tokens.shift()!.text;
    if (tokens[0]?.text === '=') tokens.shift();
    const value = nameIn(tokens.shift());
    if ((option !== 'template' && option !== 'owner') || value === undefined) return undefined;
    options[option] = value;
  }
  return { is: 'create', name, template: options.template, owner: options.owner };
}

function readDrop(tokens: Token[]): DatabaseCommand | undefined {
  const ifExists = takeWords(tokens, 'if', 'exists');
  const name = nameIn(tokens.shift());
  takeWords(tokens, 'with');
  const force = takeWords(tokens, '(', 'force', ')');
  return name === undefined || tokens.length > 0 ? undefined : { is: 'drop', name, ifExists, force };
}

/** Takes these words off the front, when they are there. */
function takeWords(tokens: Token[], ...words: string[]): boolean {
  const found = words.every((word, i) => tokens[i]?.text === word);
  if (found) tokens.splice(0, words.length);
  return found;
}

function nameIn(token: Token | undefined): string | undefined {
  if (token?.kind === 'word') return token.text;
  return token && /^"(?:[^"]|"")+"$/.test(token.text) ? token.text.slice(1, -1).replaceAll('""', '"') : undefined;
}
