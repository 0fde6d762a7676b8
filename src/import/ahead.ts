/**
 * Hands out items while the next one is already being made: reading the next batch goes on while the database works on
 * this one.
 */
export async function* ahead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  const request = (): Promise<IteratorResult<T>> => {
    const next = items.next();
    // Its error counts when its turn comes; until then it must not look unhandled.
    next.catch(() => undefined);
    return next;
  };
  try {
    let next = request();
    for (;;) {
      const result = await next;
      if (result.done === true) return;
      next = request();
      yield result.value;
    }
  } finally {
    await items.return(undefined);
  }
}
