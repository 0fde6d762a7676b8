/** What a request gives, as the parameters of a query. Values stay text where they can, so that no digit is lost. */
import type { EndpointParameter } from 'btc-dashboard-db/endpoints';
import { parseIsoTime } from 'btc-dashboard-db/rows';
import { Problem } from '../problems.js';

/** A JSON schema, as far as parameters need it. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
  readonly examples?: readonly unknown[];
}

interface Scalar {
  readonly schema: Schema;
  /** What it has to be, for the message: `a whole number`. */
  readonly what: string;
  /** The value to send, or undefined when the text is none. */
  readonly read: (text: string) => unknown;
}

const matching = (form: RegExp) => (text: string): string | undefined => (form.test(text) ? text : undefined);

const integer = (bits: number): Scalar => {
  const bound = 2n ** BigInt(bits - 1);
  return {
    schema: bits > 32 ? { type: 'string', pattern: '^-?[0-9]+$' } : { type: 'integer', minimum: -Number(bound), maximum: Number(bound) - 1 },
    what: 'a whole number',
    read: (text) => (/^[+-]?\d{1,19}$/.test(text) && BigInt(text) >= -bound && BigInt(text) < bound ? text : undefined),
  };
};

const decimal: Scalar = {
  schema: { type: 'string', format: 'decimal', pattern: String.raw`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$` },
  what: 'a decimal number',
  read: matching(/^[+-]?(?:\d{1,1000}(?:\.\d{0,1000})?|\.\d{1,1000})(?:[eE][+-]?\d{1,3})?$/),
};

const moment: Scalar = {
  schema: { type: 'string', format: 'date-time', examples: ['2026-01-31T00:00:00Z', '1769817600000'] },
  what: 'a time: ISO 8601, or milliseconds since 1970',
  read(text) {
    const ms = /^-?\d{1,15}$/.test(text) ? Number(text) : parseIsoTime(text);
    return Number.isNaN(ms) ? undefined : new Date(ms);
  },
};

const interval: Scalar = {
  schema: { type: 'string', examples: ['1 hour', 'P1D'] },
  what: 'an interval such as 15 minutes, 1 day or PT1H',
  read: matching(/^(?:\d{1,9} ?(?:second|minute|hour|day|week|month|year)s?|P(?=[\dT])(?:\d{1,9}[YMWD])*(?:T(?:\d{1,9}[HMS])+)?|\d{1,6}:\d\d(?::\d\d)?)$/),
};

const text: Scalar = { schema: { type: 'string' }, what: 'a text without the character 0', read: (value) => (value.includes('\0') ? undefined : value) };

const scalars: Readonly<Record<string, Scalar>> = {
  smallint: integer(16),
  integer: integer(32),
  bigint: integer(64),
  numeric: decimal,
  real: decimal,
  'double precision': decimal,
  boolean: {
    schema: { type: 'boolean' },
    what: 'true or false',
    read: (value) => ({ true: true, false: false })[value],
  },
  'timestamp with time zone': moment,
  date: { schema: { type: 'string', format: 'date' }, what: 'a date such as 2026-01-31', read: matching(/^\d{4}-\d\d-\d\d$/) },
  interval,
};

function scalarOf(type: string, values: readonly string[] | null): Scalar {
  if (values) {
    return {
      schema: { type: 'string', enum: values },
      what: `one of ${values.join(', ')}`,
      read: (value) => (values.includes(value) ? value : undefined),
    };
  }
  return scalars[type.replace(/\(.*\)/, '')] ?? text;
}

const isJson = (type: string): boolean => type === 'json' || type === 'jsonb';

export function schemaOf({ type, values, description }: Pick<EndpointParameter, 'type' | 'values' | 'description'>): Schema {
  const described = description === '' ? {} : { description };
  if (isJson(type)) return { type: 'object', ...described };
  if (type.endsWith('[]')) return { type: 'array', items: schemaOf({ type: type.slice(0, -2), values, description: '' }), ...described };
  return { ...scalarOf(type, values).schema, ...described };
}

/**
 * The value of a parameter. In a query string a list is written as `a,b` or by naming the parameter again; in a body it is an
 * array, and numbers may be numbers or texts.
 *
 * @throws {Problem} INVALID_PARAMETER, by its name
 */
export function readParameter(parameter: EndpointParameter, value: unknown): unknown {
  const { name, type, values, isRequired } = parameter;
  const refuse = (what: string): never => {
    throw new Problem(400, 'INVALID_PARAMETER', `The parameter ${name} is to be ${what}.`);
  };
  if (value === undefined || value === null || value === '') {
    if (isRequired) throw new Problem(400, 'INVALID_PARAMETER', `The parameter ${name} is missing.`);
    return null;
  }
  if (isJson(type)) return typeof value === 'object' && !Array.isArray(value) ? value : refuse('an object');
  const isList = type.endsWith('[]');
  const scalar = scalarOf(isList ? type.slice(0, -2) : type, values);
  const read = (each: unknown): unknown => {
    const plain = typeof each === 'string' ? each : typeof each === 'number' || typeof each === 'boolean' ? String(each) : undefined;
    const result = plain === undefined ? undefined : scalar.read(plain);
    return result === undefined ? refuse(isList ? `a list, each ${scalar.what}` : scalar.what) : result;
  };
  if (!isList) return read(value);
  const list: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : refuse('a list');
  return list.map(read);
}
