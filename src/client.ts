import { createHash } from 'node:crypto';
import pg from 'pg';

export interface TypedClientConfig extends pg.ClientConfig {
  /** Whether statements with parameters are named from their second use on. Default true. */
  prepareStatements?: boolean;
}

/**
 * A client for the typed functions, which are sent as text and parameters:
 *
 * - A statement that comes again gets a name, so that the server parses it once for each connection and plans it a few
 *   times.
 * - Columns lose pgTyped's hints, `"close!"` and `"close?"`, once in the description of the result. Left in, pgTyped
 *   renames them in each row.
 */
export class TypedClient extends pg.Client {
  readonly #prepareStatements: boolean;

  constructor(config: TypedClientConfig) {
    super(config);
    this.#prepareStatements = config.prepareStatements !== false;
  }

  override query(...args: unknown[]): never {
    const submit = super.query.bind(this) as (...statement: unknown[]) => unknown;
    const [text, values, callback] = args;
    if (typeof text !== 'string' || !Array.isArray(values)) return submit(...args) as never;
    const name = this.#prepareStatements ? nameOf(text) : undefined;
    const query = new HintedQuery({ text, values, ...(name === undefined ? {} : { name }) });
    if (callback !== undefined) return submit(query, callback) as never;
    return new Promise((resolve, reject) => {
      submit(query, (error: Error | null, result: unknown) => {
        if (!error) return resolve(result);
        // The stack that leads to whoever asked, as pg does.
        Error.captureStackTrace(error);
        reject(error);
      });
    }) as never;
  }
}

interface RowDescription {
  readonly fields: { name: string }[];
}

/** pg's own query; what is overridden is the part of it that every submittable has. */
class HintedQuery extends pg.Query {
  handleRowDescription(message: RowDescription): void {
    for (const field of message.fields) field.name = field.name.replace(/[!?]$/, '');
    (pg.Query.prototype as unknown as HintedQuery).handleRowDescription.call(this, message);
  }
}

/** Texts seen, with the name of those that came again. More than this many are not the statements of a program. */
const names = new Map<string, string | undefined>();
const limit = 1000;

function nameOf(text: string): string | undefined {
  if (!names.has(text)) {
    if (names.size < limit) names.set(text, undefined);
    return undefined;
  }
  const name = names.get(text) ?? `btcdb_${createHash('sha1').update(text).digest('base64url')}`;
  names.set(text, name);
  return name;
}
