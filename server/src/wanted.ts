/**
 * A signal for the work of a request: aborted when its client goes away, and when it takes too long. Fastify's own, request.signal,
 * is aborted, and its timer stopped, as soon as a body has been read.
 */
import type { FastifyRequest } from 'fastify';
import { Problem } from './problems.js';

export async function whileWanted<T>(request: FastifyRequest, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { socket, routeOptions: { handlerTimeout } } = request;
  const controller = new AbortController();
  const leave = (): void => controller.abort(new Problem(499, 'CLIENT_GONE', 'The client has gone.'));
  const timer = setTimeout(() => controller.abort(new Problem(504, 'QUERY_TIMEOUT', 'The request took too long.')), handlerTimeout || unlimitedMs);
  if (socket.destroyed) leave();
  socket.once('close', leave);
  try {
    return await work(controller.signal);
  } finally {
    socket.off('close', leave);
    clearTimeout(timer);
  }
}

/** The longest that a timer can take: for routes whose requests may last. */
export const unlimitedMs = 2 ** 31 - 1;
