/** For how long the work of a request is wanted. */
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problems.js';

/** The longest that a timer can take: for routes whose requests may last. */
export const unlimitedMs = 2 ** 31 - 1;

const connected = new WeakMap<Socket, AbortSignal>();

/**
 * Ends when the client of a request goes: one signal for all requests of its connection, because to make one for each takes a tenth
 * of the time of a small answer. For how long a statement may take, the server itself sees to that.
 */
export function whileConnected({ socket }: FastifyRequest): AbortSignal {
  let signal = connected.get(socket);
  if (!signal) {
    const controller = new AbortController();
    socket.once('close', () => controller.abort(clientGone()));
    connected.set(socket, (signal = controller.signal));
  }
  return signal;
}

const clientGone = (): Problem => new Problem(499, 'CLIENT_GONE', 'The client has gone.');

/**
 * Ends request.signal when the client goes, and after the time that the route allows. Fastify takes a body that was read to its
 * end for a client that is gone: then it ends the signal, and stops its own timer.
 */
export function endWithClient(request: FastifyRequest, { raw }: FastifyReply, done: () => void): void {
  if (request.method === 'GET' || request.method === 'HEAD') return done();
  const controller = new AbortController();
  const giveUp = (): void => controller.abort(new Problem(504, 'QUERY_TIMEOUT', 'The request took too long.'));
  const late = setTimeout(giveUp, request.routeOptions.handlerTimeout || unlimitedMs);
  raw.once('close', () => {
    clearTimeout(late);
    if (!raw.writableFinished) controller.abort(clientGone());
  });
  Object.defineProperty(request, 'signal', { value: controller.signal });
  done();
}
