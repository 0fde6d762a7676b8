/** GET /metrics: what the annotated queries measure, and the process itself, in Prometheus' text format 0.0.4. */
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from 'btc-dashboard-db';
import type { Endpoint } from 'btc-dashboard-db/endpoints';
import { reading } from './access/read.js';
import { toProblem } from './problems.js';
import { whileConnected } from './wanted.js';

export function addMetrics(app: FastifyInstance, db: Database, endpoints: readonly Endpoint[]): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'btcdb_server_' });
  const duration = new Histogram({
    name: 'btcdb_server_request_duration_seconds',
    help: 'Time from the request to the end of the answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
    registers: [registry],
  });
  app.addHook('onResponse', ({ method, routeOptions }, { statusCode, elapsedTime }, done) => {
    // By the pattern of the route: of paths there is no end.
    duration.observe({ method, route: routeOptions.url ?? 'none', status: String(statusCode) }, elapsedTime / 1000);
    done();
  });

  const { pool } = db;
  const gauge = (name: string, help: string, read: () => number): Gauge => new Gauge({
    name: `btcdb_server_pool_${name}`, help, registers: [registry],
    collect() {
      this.set(read());
    },
  });
  gauge('connections', 'Connections of the pool that reads.', () => pool.totalCount);
  gauge('idle_connections', 'Those of them that wait for a statement.', () => pool.idleCount);
  gauge('waiting_requests', 'Statements that wait for a connection.', () => pool.waitingCount);
  gauge('max_connections', 'Connections that the pool may have.', () => pool.options.max);

  const up = new Gauge({ name: 'btcdb_server_database_up', help: 'Whether the database has answered this scrape.', registers: [registry] });

  const measured = endpoints.filter(({ metrics }) => metrics.length > 0);
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    const sample = async (endpoint: Endpoint): Promise<string> => {
      const none = Object.fromEntries(endpoint.parameters.map(({ name }) => [name, null]));
      return samplesOf(endpoint, await endpoint.query.run(none, reading(db, whileConnected(request))) as Row[]);
    };
    // Of a database that is away the server still tells what it knows itself.
    const samples = await Promise.all(measured.map(sample)).catch((error: unknown) => {
      if (toProblem(error).code !== 'DATABASE_UNAVAILABLE') throw error;
    });
    up.set(samples ? 1 : 0);
    return reply.type(registry.contentType).send(`${samples?.join('') ?? ''}${await registry.metrics()}`);
  });
}

type Row = Readonly<Record<string, unknown>>;

/** The lines of the metrics of one query. Columns that are no value are labels; a null is no sample. */
export function samplesOf({ metrics, columns }: Pick<Endpoint, 'metrics' | 'columns'>, rows: readonly Row[]): string {
  const labels = columns.map(({ name }) => name).filter((name) => !metrics.some(({ column }) => column === name));
  return metrics.map(({ name, column, kind, help }) => [
    `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', ' ')}\n# TYPE ${name} ${kind}\n`,
    ...rows.filter((row) => row[column] !== null).map((row) => `${name}${labelsOf(row, labels)} ${valueOf(row[column])}\n`),
  ].join('')).join('');
}

function labelsOf(row: Row, names: readonly string[]): string {
  if (names.length === 0) return '';
  const escape = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
  return `{${names.map((name) => `${name}="${escape(String((row[name] ?? '') as string))}"`).join(',')}}`;
}

function valueOf(value: unknown): string {
  if (value instanceof Date) return String(value.getTime() / 1000);
  return typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
}
