/** The one way in which requests write: in a transaction, with the rights of the token's role, in its name. */
import type { FastifyRequest } from 'fastify';
import { transaction, type Database, type TransactionOptions } from 'btc-dashboard-db';
import { Problem } from '../problems.js';

/** Longest reason, and as much of the name of a client as is kept; characters. */
const longestReason = 500;
const longestAgent = 200;

type Transaction = Parameters<Parameters<typeof transaction>[2]>[0];

export async function write<T>(
  request: FastifyRequest,
  writers: Database,
  work: (tx: Transaction) => Promise<T>,
  { settings, ...options }: Pick<TransactionOptions, 'ingestMode' | 'retries' | 'settings'> = {},
): Promise<T> {
  const { access, id, headers, signal } = request;
  return transaction(writers, {
    user: access.name ?? undefined,
    reason: reasonOf(headers['x-reason']),
    // For whoever looks from the audit log for the request in the server's log.
    userAgent: `${id} ${headers['user-agent'] ?? ''}`.trim().slice(0, id.length + 1 + longestAgent),
    // Here, too, and not only for the connection: the embedded engine has one session for all.
    settings: { role: `btcdb_${access.role}`, ...settings },
    signal,
    ...options,
  }, work);
}

/**
 * The header X-Reason. Node gives the bytes of a header as latin1; most clients send UTF-8.
 *
 * @throws {Problem} INVALID_PARAMETER
 */
function reasonOf(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const bytes = Buffer.from(String(header), 'latin1');
  const text = bytes.toString();
  const reason = text.includes('\ufffd') ? bytes.toString('latin1') : text;
  if (reason.length <= longestReason && !/[\p{Cc}\u2028\u2029]/u.test(reason)) return reason;
  throw new Problem(400, 'INVALID_PARAMETER', `The header X-Reason is to be at most ${longestReason} characters, none of them a control character.`);
}
