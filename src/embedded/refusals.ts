/** What the server itself says no to, and in which words. */

import { tmpdir } from 'node:os';
import { codeOf } from '../errors/catalogue.js';
import { messageOf } from '../errors/messages.js';
import type { FoundCommand } from './database-commands.js';
import { userName } from './engine.js';
import type { ErrorFields } from './protocol.js';

export const unknownUser = (user: string): ErrorFields => ({
  code: '28000',
  message: `role "${user}" does not exist`,
  hint: `Clients of the embedded engine connect as ${userName}.`,
});

export const unknownDatabase = (database: string, names: readonly string[]): ErrorFields => ({
  code: '3D000',
  message: `database "${database}" does not exist`,
  hint: `The databases here are ${names.join(', ')}.`,
});

/** @param who keeps the engine */
export const waitedInVain = (who: string, waitTimeoutMs: number): ErrorFields => ({
  code: '55P03',
  message: `another client has kept its transaction open for more than ${waitTimeoutMs / 1000} s without doing anything`,
  detail: `The embedded engine runs one transaction at a time. ${who} is idle in its transaction.`,
  hint:
    'Commit or roll back there first. Two transactions that need each other at the same time need a real server: '
    + 'set DATABASE_URL.',
});

export const tablesAreLocked: ErrorFields = {
  code: '55P03',
  message: 'another client has locked tables, and the embedded engine cannot wait for it in a transaction that has begun to work',
  hint: 'Lock tables first in a transaction.',
};

export const copyNotAlone: ErrorFields = {
  code: '0A000',
  message: 'the embedded engine does not take COPY FROM STDIN together with other statements',
  hint: 'Send the COPY as a query of its own.',
};

export const copyNotSimple: ErrorFields = {
  code: '0A000',
  message: 'the embedded engine does not take COPY FROM STDIN as a prepared statement',
  hint: 'Send the COPY as a simple query, without parameters, as psql and pg-copy-streams do.',
};

export const copyFailed = (reason: string): ErrorFields => ({ code: '57014', message: `COPY from stdin failed: ${reason}` });

export const copyNotKept = (error: unknown): ErrorFields => ({
  code: codeOf(error) === 'ENOSPC' ? '53100' : '58030',
  message: `could not keep the data of COPY in a temporary file: ${messageOf(error)}`,
  hint: `Make room in ${tmpdir()}, or name another folder in TMPDIR, and repeat it.`,
});

export const commandNotSimple: ErrorFields = {
  code: '0A000',
  message: 'the embedded engine does not take a statement about databases as a prepared statement',
  hint: 'Send it as a simple query, without parameters.',
};

/** Why a statement about databases is not carried out. */
export const commandNotPossible = ({ tag, command }: FoundCommand): ErrorFields =>
  command
    ? { code: '25001', message: `${tag} cannot run inside a transaction block` }
    : {
        code: '0A000',
        message: `the embedded engine does not take this ${tag}`,
        hint: 'It takes CREATE DATABASE name [TEMPLATE name] [OWNER name] and DROP DATABASE [IF EXISTS] name [WITH (FORCE)].',
      };
