/** The one place that turns errors into output: one message, how to mend it, and no secret. */
import { DatabaseError } from 'pg';
import { BtcdbError } from '../../errors/catalogue.js';
import { printError, printHint, note } from './terminal.js';

/** A command line that cannot be understood: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(message: string, readonly hint?: string) {
    super(message);
  }
}

/** What a user is told about an error. */
export interface Explanation {
  /** Text of the message with, in parentheses, where it comes from. */
  readonly message: string;
  readonly hint: string | undefined;
}

export function explain(error: unknown): Explanation {
  if (error instanceof UsageError) return { message: error.message, hint: error.hint };
  if (error instanceof BtcdbError) {
    return { message: `${withoutStop(error.message)} (${error.code})`, hint: error.hint };
  }
  if (error instanceof DatabaseError) {
    const detail = error.detail ? `: ${withoutStop(error.detail)}` : '';
    return {
      message: `${withoutStop(error.message)}${detail} (the database, SQLSTATE ${error.code ?? 'unknown'})`,
      // Of a full disk PostgreSQL only says that it is.
      hint: (error.code === '53100' ? undefined : error.hint) ?? databaseHint(error.code),
    };
  }
  const { message, code } = error as Partial<NodeJS.ErrnoException>;
  return {
    message: `${withoutStop(message || String(error))}${code ? ` (${code})` : ''}`,
    hint: code === 'ENOSPC' ? 'Make room on the disk, then do it again.' : 'Add --verbose to see where it comes from.',
  };
}

/** Hints for the errors of PostgreSQL that come without one. */
function databaseHint(code: string | undefined): string | undefined {
  switch (code) {
    case '42P01':
    case '42883':
    case '3F000':
      return 'The schema is missing or older than this program: run `btcdb up`, then `btcdb doctor`.';
    case '42501':
      return 'Connect as the owner of the schema, or have the privilege granted.';
    case '25006':
      return 'This server takes no writes: it is a hot standby, or default_transaction_read_only is on. Give the URL of the primary.';
    case '57014':
      return 'The server cancelled the statement: raise statement_timeout or try a smaller range.';
    case '53100':
      return 'The disk of the database is full. Make room, then do it again: what was being written is rolled back, and the rest is kept.';
    default:
      return undefined;
  }
}

/** Prints an error; with its stack when somebody is looking for its cause. */
export function reportError(error: unknown, verbose: boolean): void {
  const { message, hint } = explain(error);
  printError(redact(message));
  if (hint) printHint(redact(hint));
  if (verbose) note(redact(stacks(error)));
}

/** The stacks of an error and its causes. Not their properties: those may hold whole statements, or the URL. */
function stacks(error: unknown): string {
  const lines: string[] = [];
  for (let at: unknown = error; at instanceof Error && lines.length < 5; at = at.cause) {
    lines.push(`${lines.length > 0 ? 'caused by ' : ''}${at.stack ?? at.message}`);
  }
  return lines.join('\n');
}

/** Passwords in URLs and connection strings, whatever message they came into. */
export function redact(text: string): string {
  return text
    // The hint that shows how to write a URL says `password`, which is none.
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/?#@]*):(?!password@)[^\s/]*@/gi, '$1:***@')
    .replace(/\b(password|sslpassword|pgpassword)(\s*=\s*)('[^']*'|"[^"]*"|[^\s&'"]+)/gi, '$1$2***');
}

function withoutStop(text: string): string {
  return text.trim().replace(/[.]$/, '');
}
