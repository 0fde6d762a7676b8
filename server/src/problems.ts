/**
 * Errors as a client sees them: application/problem+json (RFC 9457) with `type`, `title`, `status`, `detail` and `code`. The code
 * is one of the database (a SQLSTATE), of btc-dashboard-db (its ErrorCode), or a word of this server's own, such as UNKNOWN_SOURCE.
 */
import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BtcdbError } from 'btc-dashboard-db';

/** An error that tells the client what is wrong with the request. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(detail, options);
  }
}

/** What went wrong, as a problem. What the client cannot mend is told without a detail. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const cause = (error instanceof BtcdbError && error.cause) || error;
  const { code = '', message = '', statusCode, detail } = (cause ?? {}) as { code?: string; message?: string; statusCode?: number; detail?: string };
  const because = { cause: error };
  if (error instanceof BtcdbError && error.code === 'COMMIT_UNKNOWN') {
    // No 503: that invites programs to send it again by themselves.
    return new Problem(500, error.code, 'The connection to the database was lost while this was stored. Look whether it is before you send it again.', {}, because);
  }
  if (error instanceof BtcdbError && isUnavailable(error.code)) return unavailable(because);
  switch (code) {
    case 'FST_ERR_HANDLER_TIMEOUT':
    case '57014':
      return new Problem(504, 'QUERY_TIMEOUT', 'The query took too long. Ask for a shorter range or fewer rows.', {}, because);
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new Problem(400, 'INVALID_PARAMETER', 'The path is too long, or not rightly escaped.', {}, because);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Problem(415, 'UNSUPPORTED_MEDIA_TYPE', message, {}, because);
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Problem(413, 'BODY_TOO_LARGE', 'The body is too large.', {}, because);
    case '42501':
      return new Problem(403, 'FORBIDDEN', 'The token\'s role may not do this.', {}, because);
    case '25006':
      return new Problem(503, 'DATABASE_UNAVAILABLE', 'The database takes no writes at the moment.', { 'retry-after': '5' }, because);
    case '40001':
    case '40P01':
    case '55P03':
      return new Problem(503, code, 'Others wrote the same rows at the same time. Nothing was stored: send it again.', { 'retry-after': '1' }, because);
    case 'MD006':
      return new Problem(404, 'UNKNOWN_SOURCE', message, {}, because);
  }
  if (isUnavailable(code)) return unavailable(because);
  // Bad data, a violated constraint, and what the schema itself refuses: PostgreSQL says what is wrong.
  if (/^(?:22|23|MD|P0001)/.test(code)) return new Problem(conflicts.has(code) ? 409 : 400, code, [message, detail].filter(Boolean).join('. '), {}, because);
  if (error instanceof BtcdbError && ['INVALID_ROW', 'IMPORT_FILE'].includes(error.code)) return new Problem(400, error.code, error.message, {}, because);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new Problem(statusCode, 'INVALID_BODY', message, {}, because);
  return new Problem(500, 'INTERNAL', 'The server failed. Its log says why, under the request id.', {}, because);
}

/** Of a constraint that concerns other rows: foreign key, unique, exclusion. */
const conflicts: ReadonlySet<string> = new Set(['23503', '23505', '23P01']);

function unavailable(because: ErrorOptions): Problem {
  return new Problem(503, 'DATABASE_UNAVAILABLE', 'The database is away at the moment.', { 'retry-after': '5' }, because);
}

/** Whether the database could not be reached, was lost, or takes no connections. */
function isUnavailable(code: string): boolean {
  return /^(?:08|57P|53)/.test(code)
    || ['CONNECTION_REFUSED', 'CONNECTION_TIMEOUT', 'CONNECTION_LOST', 'AUTHENTICATION_FAILED', 'DATABASE_MISSING'].includes(code)
    || /^E(?:CONN|PIPE|HOST|NET|TIMEDOUT|AI_)/.test(code);
}

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, request: FastifyRequest, problem: Problem): void {
  if (problem.status >= 500) request.log.error({ err: problem.cause ?? problem }, problem.message);
  void reply
    .code(problem.status)
    .headers({ ...problem.headers, 'cache-control': 'no-store' })
    .type('application/problem+json')
    .send(JSON.stringify({
      type: 'about:blank',
      title: STATUS_CODES[problem.status] ?? 'Error',
      status: problem.status,
      detail: problem.message,
      code: problem.code,
      request: request.id,
    }));
}

export function answerWithProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    sendProblem(reply, request, toProblem(error));
  });
  app.setNotFoundHandler((request, reply) => {
    sendProblem(reply, request, new Problem(404, 'NOT_FOUND', `There is nothing at ${request.method} ${request.url.split('?', 1)[0]}.`));
  });
}
