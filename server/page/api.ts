/** Requests to the server, and what went wrong with one, as a sentence. */
import { needToken, token } from './token.js';

// Rows as the server sends them. Exact decimals and whole numbers beyond 32 bits are texts.

export interface Freshness {
  readonly source_id: number;
  readonly name: string;
  readonly display_name: string;
  readonly update_frequency: string;
  readonly last_timestamp: string | null;
  readonly freshness: string;
  readonly row_count: string;
  readonly avg_quality_score: string | null;
}

export interface Quality {
  readonly source_id: number;
  readonly data_type: string;
  readonly open_anomalies: string;
  readonly open_gaps: string;
}

export interface SourceEntry {
  readonly source_id: number;
  readonly category: string;
  readonly market_type: string;
  readonly status: string;
}

export interface Row {
  readonly timestamp: string;
  readonly open: string | null;
  readonly high: string | null;
  readonly low: string | null;
  readonly close: string | null;
  readonly volume: string | null;
  readonly value: string | null;
  readonly quality_score: number;
  readonly is_anomaly: boolean;
  readonly is_validated: boolean;
}

export interface Check {
  readonly check_name: string;
  readonly points_lost: number;
  readonly detail: string | null;
}

export interface Anomaly {
  readonly anomaly_id: string;
  readonly timestamp: string;
  readonly anomaly_type: string;
  readonly severity: string;
  readonly value: string | null;
  readonly z_score: string | null;
  readonly expected_value: string | null;
  readonly context: { readonly gap_end?: string; readonly missing_points?: number; readonly flat_history?: boolean };
  /** Only of one source. */
  readonly reviewed?: boolean;
  readonly is_false_positive?: boolean;
  readonly resolved_at?: string | null;
  readonly resolved_by?: string | null;
  readonly resolution_notes?: string | null;
}

export interface AnomalyToReview extends Anomaly {
  readonly source_name: string;
}

export interface Gap {
  readonly gap_start: string;
  readonly gap_end: string;
  readonly missing_points: string;
}

export interface AuditEntry {
  readonly audit_id: string;
  readonly action: string;
  readonly is_range: boolean;
  readonly old_value: Readonly<Record<string, unknown>> | null;
  readonly new_value: Readonly<Record<string, unknown>> | null;
  readonly changed_fields: readonly string[] | null;
  readonly changed_by: string;
  readonly changed_at: string;
  readonly reason: string | null;
}

/** A request that failed, in words for whoever looks at the page. */
export class Failure extends Error {
  constructor(message: string, readonly status: number, options?: ErrorOptions) {
    super(message, options);
  }

  /** Whether it may go well a little later, without anybody doing anything. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

/** Of a server that does not answer. */
const timeoutMs = 40_000;

export type Params = Readonly<Record<string, string | number | undefined>>;

/** What is at a path. `fresh`: as it is now, not as it was some seconds ago. */
export async function get<T>(path: string, params: Params = {}, fresh = false): Promise<T> {
  return JSON.parse(await read(path, params, fresh)) as T;
}

/** What is at a path now. Numbers with more digits than a float keeps become texts, where the browser tells how they were written. */
export async function getExact<T>(path: string, params: Params = {}): Promise<T> {
  const keep = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => (
    typeof value === 'number' && context?.source !== undefined && context.source.replace(/^[-0.]+|\D/g, '').length > 15 ? context.source : value);
  return JSON.parse(await read(path, params, true), keep) as T;
}

function read(path: string, params: Params, fresh: boolean): Promise<string> {
  const given = Object.entries(params).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return request(`${path}?${search}`, { cache: fresh ? 'no-cache' : 'default' });
}

export async function post(path: string, body: object): Promise<void> {
  await request(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
}

export const sourcePath = (source: string): string => `/api/sources/${encodeURIComponent(source)}`;

const request = (url: string, options: RequestInit): Promise<string> => ask(url, options, timeoutMs, (response) => response.text());

/** What comes from a path piece by piece, without an end. */
export const openStream = (path: string, headers: HeadersInit): Promise<ReadableStream<Uint8Array>> =>
  ask(path, { headers, cache: 'no-store' }, undefined, async ({ body }) => body!);

async function ask<T>(
  url: string, options: RequestInit, limitMs: number | undefined, read: (response: Response) => Promise<T>,
): Promise<T> {
  const headers = new Headers(options.headers);
  const given = token();
  if (given !== null) headers.set('authorization', `Bearer ${given}`);
  let response;
  try {
    response = await fetch(url, { ...options, headers, signal: limitMs === undefined ? null : AbortSignal.timeout(limitMs) });
    if (response.ok) return await read(response);
  } catch (error) {
    throw new Failure('The server does not answer.', 0, { cause: error });
  }
  const problem = await response.json().catch(() => ({})) as { detail?: unknown };
  const message = typeof problem.detail === 'string' ? problem.detail : `The server answers ${response.status}.`;
  // Whoever wants to write is asked where it is done.
  if (response.status === 401 && options.method === undefined && await needToken(message)) return ask(url, options, limitMs, read);
  throw new Failure(message, response.status);
}
