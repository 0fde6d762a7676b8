/**
 * The one catalogue of errors: the SQLSTATEs that the database raises and the classes that this package throws.
 */
import { visible } from './messages.js';

/**
 * SQLSTATEs raised by this schema, next to PostgreSQL's own. The class `MD` (market data) lies in the range that the
 * SQL standard leaves to implementations.
 */
export const sqlState = {
  /** A validation rule that PostgreSQL does not accept as a stored generated column of the row. */
  ruleRefused: 'MD001',
  /** A lineage edge that would close a cycle. */
  lineageCycle: 'MD002',
  /** An UPDATE, DELETE or TRUNCATE of the audit log or its seals. */
  auditAppendOnly: 'MD003',
  /** A TRUNCATE of the hypertable or of an audited table. */
  truncateRefused: 'MD004',
  /** An UPDATE of source_id or timestamp of a stored row. */
  seriesKeyImmutable: 'MD005',
  /** A source that is not in the registry. */
  unknownSource: 'MD006',
  /** A range whose end lies before its start. */
  invalidRange: 'MD007',
  /** A row, given as JSON, with a key that is no column of its table, or that is no object. */
  unknownColumn: 'MD008',
  /** Entries of the audit log that cannot be archived: they are not as sealed, or no archive ends with their seal. */
  archiveRefused: 'MD009',
} as const;

/** Stable names of the errors of this package, for `switch`. */
export type ErrorCode =
  | 'CONNECTION_REFUSED'
  | 'AUTHENTICATION_FAILED'
  | 'DATABASE_MISSING'
  | 'CONNECTION_TIMEOUT'
  | 'CONNECTION_LOST'
  /** The connection was lost during COMMIT: nobody knows whether the transaction is stored. */
  | 'COMMIT_UNKNOWN'
  /** The work needs a session of its own, and a pooler between gives none. */
  | 'SESSION_REQUIRED'
  /** A statement of the transaction failed, and its error was caught: nothing is stored. */
  | 'TRANSACTION_ABORTED'
  | 'INVALID_URL'
  | 'EXTENSION_MISSING'
  | 'EXTENSION_TOO_OLD'
  | 'MIGRATION_FAILED'
  | 'MIGRATION_PENDING'
  /** The files of the migrations are not beside the code, for example because it was bundled. */
  | 'MIGRATIONS_MISSING'
  /** The database has migrations that this version of the package does not know: a newer one was here. */
  | 'MIGRATION_UNKNOWN'
  /** The database has another set of migrations than this version of the package. */
  | 'MIGRATION_DIVERGED'
  /** A file of a committed migration is not what its hash says. */
  | 'MIGRATION_EDITED'
  | 'EMBEDDED_NOT_INSTALLED'
  | 'EMBEDDED_IN_USE'
  | 'EMBEDDED_FAILED'
  /** A place that no backup can be written to or read from. */
  | 'BACKUP_TARGET'
  /** There is no such backup, or it was not finished. */
  | 'BACKUP_MISSING'
  /** pg_dump or pg_restore is missing, or older than the server. */
  | 'BACKUP_TOOL'
  /** The backup was not stored. */
  | 'BACKUP_FAILED'
  /** A file is not the one that was stored. */
  | 'BACKUP_DAMAGED'
  /** A key is missing, or is another one. */
  | 'BACKUP_KEY'
  /** The backup is of other versions than the server or this package. */
  | 'BACKUP_VERSION'
  /** What was restored is not what was backed up. */
  | 'BACKUP_DIFFERS'
  /** A restore goes into a database that holds data. */
  | 'RESTORE_NOT_EMPTY'
  | 'RESTORE_FAILED'
  /** A restore of the database has begun and did not end. */
  | 'RESTORE_UNFINISHED'
  | 'IMPORT_DIRECTORY'
  | 'IMPORT_REGISTRY'
  | 'IMPORT_FILE'
  | 'IMPORT_RANGE'
  | 'INVALID_ROW'
  /** A file of archived audit entries, or of exported seals, that is not what was written. */
  | 'AUDIT_FILE'
  /** A query that should give one row gave none. */
  | 'NO_ROW'
  /** A query that should give one row gave more. */
  | 'SEVERAL_ROWS';

/** An error with a stable code, what happened, and how to mend it. */
export class BtcdbError extends Error {
  override readonly name: string = 'BtcdbError';

  constructor(
    /** Stable name of the error. */
    readonly code: ErrorCode,
    message: string,
    /** How to mend it. */
    readonly hint?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The database cannot be reached or does not let us in. */
export class ConnectionError extends BtcdbError {
  override readonly name = 'ConnectionError';
}

/** The schema cannot be brought up to date. */
export class MigrationError extends BtcdbError {
  override readonly name = 'MigrationError';
}

/** The embedded engine is missing, taken or broken. */
export class EmbeddedError extends BtcdbError {
  override readonly name = 'EmbeddedError';
}

/** A folder, file or row that cannot be imported. */
export class ImportError extends BtcdbError {
  override readonly name = 'ImportError';

  /** Names and contents of files come in here from anywhere, and go to a terminal or a log. */
  constructor(code: ErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(code, visible(message), hint === undefined ? undefined : visible(hint), options);
  }
}

/** A backup that cannot be made, read or restored. */
export class BackupError extends BtcdbError {
  override readonly name = 'BackupError';

  /** Names of files and what programs say come in here, and go to a terminal or a log. */
  constructor(code: ErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(code, visible(message), hint, options);
  }
}

/** A transaction that did not store what it did. */
export class TransactionError extends BtcdbError {
  override readonly name = 'TransactionError';
}

/** The code of an error: a SQLSTATE, an ErrorCode, or one of node's; empty when it has none. */
export function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
