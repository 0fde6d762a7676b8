/** Tokens for HTTP: made here, and known to the database by their hash only. */
import { createHash, randomBytes } from 'node:crypto';

/** How a token looks: the prefix tells scanners of leaked secrets, and people, what it is. */
export const tokenForm = /^btcdb_[A-Za-z0-9_-]{43}$/;

/** A new token, of 256 random bits. */
export function makeToken(): string {
  return `btcdb_${randomBytes(32).toString('base64url')}`;
}

/** What the database keeps of a token. Of so many random bits a quick hash is enough. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
