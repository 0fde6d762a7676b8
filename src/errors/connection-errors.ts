/** What is wrong when the database cannot be reached, and when it is reached no more. */
import { parse } from 'pg-connection-string';
import { codeOf, ConnectionError } from './catalogue.js';

/** @throws {ConnectionError} INVALID_URL */
export function checkUrl(url: string): void {
  const hint = 'Write it as postgres://user:password@host:5432/database.';
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new ConnectionError('INVALID_URL', 'The database URL does not start with postgres://', hint);
  }
  // A password with such characters would be taken for a host, and a message about the host would show it.
  const authority = /^\w+:\/\/([^/]*)/.exec(url)![1]!;
  if (/[#?]/.test(authority) || authority.split('@').length > 2 || /^[^/]*\/\/[^@/]*\/[^?]*@/.test(url)) {
    throw new ConnectionError('INVALID_URL', 'The database URL cannot be read: user or password hold special characters',
      'Percent-encode them: @ is %40, / is %2F, # is %23, ? is %3F, : is %3A.');
  }
  try {
    parse(url);
  } catch (error) {
    throw new ConnectionError('INVALID_URL', 'The database URL cannot be read', hint, { cause: error });
  }
}

/** Says what a failed connection means. Never repeats the password of the URL. */
export function explainConnectionError(error: unknown, url: string): Error {
  if (error instanceof ConnectionError) return error;
  const { host, port, database, user } = parse(url);
  const where = `${host ?? 'localhost'}:${port || 5432}`;
  const { code, message, hint } = error as { code?: string; message: string; hint?: string };
  const because = { cause: error };
  switch (code) {
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'ECONNRESET':
    case 'ENOENT':
      return new ConnectionError('CONNECTION_REFUSED', `No PostgreSQL server answers at ${where}`,
        'Start the server, or correct host and port in DATABASE_URL. Without DATABASE_URL the embedded engine is used.', because);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConnectionError('CONNECTION_REFUSED', `The host ${host} is not known`, 'Correct the host in DATABASE_URL.', because);
    case '28P01':
    case '28000':
      return new ConnectionError('AUTHENTICATION_FAILED', `The server at ${where} refuses user ${user ?? ''}: ${message}`,
        'Correct user and password in DATABASE_URL.', because);
    case '3D000':
      return new ConnectionError('DATABASE_MISSING', `The server at ${where} has no database ${database ?? ''}`,
        `Create it: createdb -h ${host ?? 'localhost'} -p ${port || 5432} ${database ?? ''}`, because);
    default:
      if (/SCRAM|password must be a string|no password/i.test(message)) {
        return new ConnectionError('AUTHENTICATION_FAILED', `The server at ${where} wants a password for user ${user ?? ''}`,
          'Put the password into DATABASE_URL or into PGPASSWORD.', because);
      }
      // pg's own errors have no code. Others that speak of a timeout, such as a parameter of that name, mean something else.
      if (/^timeout exceeded when trying to connect$/.test(message)) {
        return new ConnectionError('CONNECTION_TIMEOUT', 'No connection of the pool became free in time',
          'Release connections, raise maxConnections, or raise connectionTimeoutMs.', because);
      }
      if (code === 'ETIMEDOUT' || /^(timeout expired|Connection terminated due to connection timeout)$/.test(message)) {
        return new ConnectionError('CONNECTION_TIMEOUT', `The server at ${where} does not answer in time`,
          'Check host, port and firewall.', because);
      }
      if (/unsupported startup parameter/.test(message)) {
        return new ConnectionError('CONNECTION_REFUSED', `The pooler at ${where} refuses a parameter of the URL: ${message}`,
          'Take it out of the URL, or list it in ignore_startup_parameters of PgBouncer.', because);
      }
      return new ConnectionError('CONNECTION_REFUSED', `Cannot connect to ${where}: ${message}`, hint ?? 'Check DATABASE_URL.', because);
  }
}

/** PostgreSQL's classes 08 (connection) and 57P (shutdown), its limits on idling, sockets, and pg, whose errors have no code. */
const lossCodes = /^(?:08(?!P01)|57P0|25P0[34]|ECONN|EPIPE|ETIMEDOUT|CONNECTION_LOST)/;
const lossMessages = /^(?:Connection terminated|Client has encountered a connection error|Client was closed)/;

/** Whether an error means that the connection is gone. What comes with a FATAL error of the server always is its end. */
export function isConnectionLoss(error: unknown): boolean {
  const { severity, message } = (error ?? {}) as { severity?: string; message?: string };
  return severity === 'FATAL' || severity === 'PANIC' || lossCodes.test(codeOf(error)) || lossMessages.test(message ?? '');
}

/** The error for whoever waits for an answer on a connection that is gone. */
export function lostConnection(cause: Error, { inTransaction }: { readonly inTransaction: boolean }): ConnectionError {
  return new ConnectionError('CONNECTION_LOST', `The connection to the database was lost: ${cause.message}`, hintOf(cause, inTransaction), { cause });
}

function hintOf(cause: Error, inTransaction: boolean): string {
  if (codeOf(cause) === '25P03') {
    return 'The transaction did nothing for longer than idleInTransactionTimeoutMs allows, and is rolled back. Do what takes long before or after it.';
  }
  const stored = inTransaction
    ? 'What the transaction did so far is rolled back.'
    : 'A statement that writes, outside of a transaction, may be stored or not: look before sending it again.';
  // What the server says of its end, such as that its disk is full.
  return `${stored} ${(cause as { hint?: string }).hint ?? 'The pool connects anew: try again.'}`;
}
