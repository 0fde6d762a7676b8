/**
 * Scalars that lose no digit: what a double cannot hold is a text on its way out, and on its way in whatever was written. For
 * that variables have to be read by parseJson, in which a number keeps its digits.
 */
import { GraphQLError, GraphQLScalarType, Kind, print, type ObjectValueNode, type ValueNode } from 'graphql';
import { LosslessNumber, parse } from 'lossless-json';

/** JSON in which whole numbers that a double holds are numbers, and all others LosslessNumbers. */
export function parseJson(text: string): unknown {
  return parse(text, undefined, (number) => {
    const whole = /^-?\d{1,16}$/.test(number) ? Number(number) : NaN;
    return Number.isSafeInteger(whole) ? whole : new LosslessNumber(number);
  });
}

/** What was written, if it is a text or a number. */
function textOf(value: unknown): string | undefined {
  if (value instanceof LosslessNumber) return value.value;
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value)) ? String(value) : undefined;
}

/** A scalar that is taken as a text, and given as `serialize` says. */
function textScalar(
  name: string, description: string, form: RegExp, serialize: (value: unknown) => string,
): GraphQLScalarType<string, string> {
  const read = (text: string | undefined, written: string): string => {
    if (text !== undefined && form.test(text)) return text;
    throw new GraphQLError(`${name} cannot be ${written.slice(0, 100)}`);
  };
  return new GraphQLScalarType({
    name,
    description,
    serialize,
    parseValue: (value) => read(textOf(value), JSON.stringify(value) ?? 'undefined'),
    parseLiteral: (node) =>
      read(node.kind === Kind.INT || node.kind === Kind.FLOAT || node.kind === Kind.STRING ? node.value : undefined, print(node)),
  });
}

export const Decimal = textScalar(
  'Decimal', 'A decimal number with all its digits, as a text; taken as a text or a number.', /^[+-]?(?:\d|\.\d)[\d.eE+-]{0,2000}$/, String);

export const BigInteger = textScalar(
  'BigInt', 'A whole number of up to 64 bits, as a text; taken as a text or a number.', /^[+-]?\d{1,19}$/, String);

export const DateTime = textScalar(
  'DateTime',
  'A moment as ISO 8601 in UTC, such as 2026-01-31T00:00:00.000Z; taken as such or in milliseconds since 1970.',
  /^[-+\d:.TtZz ]{1,40}$/,
  (value) => (value instanceof Date ? value.toISOString() : String(value)),
);

export const Json = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON. A number that a double does not hold is given as a text, and stored with the digits that were written.',
  parseValue: (value) => value,
  parseLiteral: jsonOf,
});

function jsonOf(node: ValueNode, variables?: Readonly<Record<string, unknown>> | null): unknown {
  switch (node.kind) {
    case Kind.INT:
    case Kind.FLOAT:
      return parseJson(node.value);
    case Kind.STRING:
    case Kind.ENUM:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.NULL:
      return null;
    case Kind.LIST:
      return node.values.map((value) => jsonOf(value, variables));
    case Kind.OBJECT:
      return objectOf(node, variables);
    case Kind.VARIABLE:
      return variables?.[node.name.value] ?? null;
  }
}

function objectOf({ fields }: ObjectValueNode, variables?: Readonly<Record<string, unknown>> | null): object {
  return Object.fromEntries(fields.map(({ name, value }) => [name.value, jsonOf(value, variables)]));
}
