/**
 * Who may use the engine. There is one backend, so one client at a time has it: from its first message until its
 * transaction is over. The others wait in the order in which they came.
 */

interface Waiter<T> {
  client: T;
  since: number;
  /** Waits however long it takes: for work that nobody waits for. */
  patient: boolean;
  resolve: (admitted: boolean) => void;
}

export class Queue<T> {
  readonly #timeoutMs: number;
  #holder: T | undefined;
  /** Since when the holder has neither sent nor received anything. */
  #idleSince = 0;
  #waiters: Waiter<T>[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  get holder(): T | undefined {
    return this.#holder;
  }

  /**
   * Resolves to true when it is the client's turn, or to false when the holder sits on an open transaction without
   * doing anything for longer than the timeout. A holder at work is waited for, however long it works.
   */
  enter(client: T, { patient = false } = {}): Promise<boolean> {
    if (this.#holder === undefined) {
      this.#holder = client;
      this.touch(client);
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      this.#waiters.push({ client, since: performance.now(), patient, resolve });
      this.#arm();
    });
  }

  /** The holder has just done something. */
  touch(client: T): void {
    if (client === this.#holder) this.#idleSince = performance.now();
  }

  leave(client: T): void {
    if (client !== this.#holder) return;
    const next = this.#waiters.shift();
    this.#holder = next?.client;
    if (!next) return;
    this.touch(next.client);
    next.resolve(true);
  }

  /** One timer looks after all: it wakes when the first waiter could be due, and looks again. */
  #arm(): void {
    if (this.#timer) return;
    const first = this.#waiters.find((waiter) => !waiter.patient);
    if (!first) return;
    const due = Math.max(first.since, this.#idleSince) + this.#timeoutMs;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#turnAway();
        this.#arm();
      },
      Math.max(1, due - performance.now()),
    );
  }

  #turnAway(): void {
    const now = performance.now();
    if (now - this.#idleSince < this.#timeoutMs) return;
    const late = this.#waiters.filter((waiter) => !waiter.patient && now - waiter.since >= this.#timeoutMs);
    this.#waiters = this.#waiters.filter((waiter) => !late.includes(waiter));
    for (const waiter of late) waiter.resolve(false);
  }
}
