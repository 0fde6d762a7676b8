/** Who a token belongs to. What the database says of one is believed for a second: that long a revoked token may still be taken. */
import { timingSafeEqual } from 'node:crypto';
import { hashToken, tokenForm, tokens, type Database } from 'btc-dashboard-db';

export interface Access {
  readonly role: 'reader' | 'writer' | 'curator';
  /** The name of the token; null for who reads without one. */
  readonly name: string | null;
}

const believedMs = 1000;

/** How often is looked whether a token is still taken, of who listens for long. */
const lookMs = 2000;

/** So many tokens are remembered. More than this are not in use at once. */
const most = 1000;

interface Believed extends Access {
  readonly hash: Buffer;
  /** By the clock of performance.now(). */
  readonly until: number;
}

export class Tokens {
  readonly #db: Database;
  readonly #known = new Map<string, Believed>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Whose token it is; undefined when it is no token, unknown, expired or revoked. */
  async find(token: string): Promise<Access | undefined> {
    if (!tokenForm.test(token)) return undefined;
    const hash = hashToken(token);
    const key = hash.toString('base64');
    const believed = this.#known.get(key);
    if (believed && believed.until > performance.now()) return believed;
    const asked = performance.now();
    const [found] = await tokens.byHash.run({ token_hash: hash }, this.#db);
    this.#known.delete(key);
    // The index has compared already, and may tell by its time how much of the hash is right; whoever comes must know all of it.
    if (found === undefined || !timingSafeEqual(found.token_hash, hash)) return undefined;
    if (this.#known.size >= most) this.#known.delete(this.#known.keys().next().value!);
    const access = { role: found.role, name: found.name, hash, until: asked + Math.min(believedMs, found.expires_in_ms ?? believedMs) };
    this.#known.set(key, access);
    return access;
  }

  /** Calls `end` soon after the token is taken no more, until what is returned is called. A database that is away ends nothing. */
  whileTaken(token: string, end: () => void): () => void {
    const look = setInterval(() => {
      this.find(token).then((access) => access ?? end(), () => {});
    }, lookMs);
    return () => clearInterval(look);
  }

  /** The name of a token that was found before, without asking whether it still is one. */
  nameOf(token: string): string | undefined {
    return tokenForm.test(token) ? this.#known.get(hashToken(token).toString('base64'))?.name ?? undefined : undefined;
  }
}
