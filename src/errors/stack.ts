/** Stacks of the errors of statements, which come when whoever asked is no longer on the stack. */

/** Errors of statements. Others have the stack of where they were made. */
const ofStatements = new WeakSet<object>();

/** Says that an error comes from a statement. */
export function ofStatement<E extends Error>(error: E): E {
  ofStatements.add(error);
  return error;
}

/**
 * Gives the error of a statement the stack of whoever awaits the async function that calls this. To note the stack when the
 * statement is sent would cost those that succeed half as much again as pg itself does.
 */
export function traced(error: unknown): unknown {
  if (error instanceof Error && ofStatements.has(error)) setFrames(error, caller(traced));
  return error;
}

/** Where a statement comes from. */
export interface Caller {
  stack?: string;
}

/** The stack as it is now: for what nobody awaits. */
export function caller(beyond: (...args: never[]) => unknown = caller): Caller {
  const at: Caller = {};
  const limit = Error.stackTraceLimit;
  // Room for the frames that are left out afterwards.
  Error.stackTraceLimit = limit + 8;
  Error.captureStackTrace(at, beyond);
  Error.stackTraceLimit = limit;
  return at;
}

/** Of pgTyped, and of what is between its functions and the wire. */
const inner = /@pgtyped[\\/]runtime|(?:Generator\.next|new Promise) \(<anonymous>\)|Typed(?:Client|Pool)\.|[\\/]prepared-query\.[jt]s/;

/** Writes the stack of an error: the typed function, and who asked. */
export function setFrames(error: Error & { queryName?: string }, { stack = '' }: Caller): void {
  const frames = stack.split('\n').slice(1).filter((frame) => !inner.test(frame));
  error.stack = [String(error), ...(error.queryName === undefined ? [] : [`    at query ${error.queryName}`]), ...frames].join('\n');
}
