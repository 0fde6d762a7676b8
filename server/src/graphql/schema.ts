/** The GraphQL schema: types, fields, arguments and their descriptions out of the annotated queries. */
import {
  GraphQLBoolean, GraphQLEnumType, GraphQLFloat, GraphQLInt, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString,
  type GraphQLArgumentConfig, type GraphQLFieldConfig, type GraphQLFieldConfigMap,
  type GraphQLScalarType,
} from 'graphql';
import { stringify } from 'lossless-json';
import type { FastifyRequest } from 'fastify';
import type { Database } from 'btc-dashboard-db';
import type { Endpoint, EndpointColumn, EndpointParameter } from 'btc-dashboard-db/endpoints';
import { write } from '../access/write.js';
import { readParameter } from '../endpoints/parameters.js';
import type { News } from '../live/news.js';
import { Problem } from '../problems.js';
import type { SourceNames } from '../sources.js';
import type { Batches, GraphqlEndpoint, Row } from './batches.js';
import type { FieldExtensions } from './limits.js';
import { BigInteger, DateTime, Decimal, Json } from './scalars.js';
import { newsFor } from './subscription.js';

/** What a resolver gets of its request. */
export interface GraphqlContext {
  readonly request: FastifyRequest;
  readonly batches: Batches;
}

export interface SchemaOptions {
  readonly endpoints: readonly Endpoint[];
  readonly writers: Database;
  readonly news: News;
  readonly sources: SourceNames;
}

type Leaf = GraphQLScalarType | GraphQLEnumType;
type Args = Readonly<Record<string, unknown>>;
type Fields = GraphQLFieldConfigMap<Row, GraphqlContext>;

/** Rows that a list has when nobody says how many. */
const defaultLimit = 100;

export function createSchema({ endpoints, writers, news, sources }: SchemaOptions): GraphQLSchema {
  const own = endpoints.filter((endpoint): endpoint is GraphqlEndpoint => endpoint.graphql !== null);
  const enums = new Map<string, GraphQLEnumType>();
  const objects = new Map<string, GraphQLObjectType>();

  const enumOf = (name: string, values: readonly string[]): GraphQLEnumType => {
    const known = enums.get(name) ?? new GraphQLEnumType({ name, values: Object.fromEntries(values.map((value) => [value, {}])) });
    enums.set(name, known);
    return known;
  };

  /** `owner`: what has it, for the name of a choice that is no type of the database. */
  const leafOf = (type: string, values: readonly string[] | null, owner: string, name: string): Leaf => {
    if (values?.every((value) => /^[A-Za-z]\w*$/.test(value))) {
      return enumOf(type === 'text' ? owner + pascal(name) : pascal(type.replace(/_enum$/, '')), values);
    }
    return leaves[type.replace(/\(.*\)/, '')] ?? GraphQLString;
  };

  /** What all queries that give this type say of it: a day to one is a week to another. */
  const commentOf = ({ name, comment }: EndpointColumn, owner: string): string => {
    const same = own.filter(({ graphql }) => graphql.returns === owner);
    return same.every(({ columns }) => columns.some((column) => column.name === name && column.comment === comment)) ? comment : '';
  };

  const columnField = (column: EndpointColumn, owner: string): GraphQLFieldConfig<Row, GraphqlContext> => {
    const { name, type, values, isNullable } = column;
    // Of the elements of an array the database says nothing.
    const leaf = type.endsWith('[]') ? new GraphQLList(leafOf(type.slice(0, -2), values, owner, name)) : leafOf(type, values, owner, name);
    const description = commentOf(column, owner) || undefined;
    return { type: isNullable ? leaf : new GraphQLNonNull(leaf), description, resolve: (row) => row[name] };
  };

  const objectOf = ({ graphql: { returns }, columns }: GraphqlEndpoint): GraphQLObjectType => {
    const known = objects.get(returns);
    if (known) return known;
    const made = new GraphQLObjectType<Row, GraphqlContext>({
      name: returns,
      fields: () => ({
        ...Object.fromEntries(columns.map((column) => [camel(column.name), columnField(column, returns)])),
        ...fieldsOf(returns),
      }),
    });
    objects.set(returns, made);
    return made;
  };

  const argumentOf = (parameter: EndpointParameter, endpoint: GraphqlEndpoint): GraphQLArgumentConfig => {
    const { name, type, values, isRequired, description: text } = parameter;
    const description = spoken(text, endpoint);
    if (isBound(parameter, endpoint)) return { type: new GraphQLNonNull(GraphQLInt), defaultValue: defaultLimit, description };
    const owner = pascal(endpoint.graphql.field);
    const leaf = (element: string): Leaf => (approximate.has(element) ? Decimal : leafOf(element, values, owner, name));
    const input = type.endsWith('[]') ? new GraphQLList(new GraphQLNonNull(leaf(type.slice(0, -2)))) : leaf(type);
    return { type: (isRequired ? new GraphQLNonNull(input) : input), description };
  };

  const fieldOf = (endpoint: GraphqlEndpoint): GraphQLFieldConfig<Row, GraphqlContext, Args> => {
    const { graphql: { type: owner, isList }, columns, prose, bound } = endpoint;
    const parameters = argumentsOf(endpoint);
    const object = columns.length === 0 ? GraphQLBoolean : new GraphQLNonNull(objectOf(endpoint));
    const size = (args: Args): number => {
      if (!isList || bound === null || bound === 'one') return 1;
      return Math.max(1, typeof bound === 'number' ? bound : Number(args[camel(bound.parameter)]));
    };
    return {
      type: isList ? new GraphQLNonNull(new GraphQLList(object)) : columns.length === 0 ? new GraphQLNonNull(object) : objectOf(endpoint),
      description: spoken(prose, endpoint),
      args: Object.fromEntries(parameters.map((parameter) => [camel(parameter.name), argumentOf(parameter, endpoint)])),
      extensions: { size } satisfies FieldExtensions,
      async resolve(parent, args, { request, batches }) {
        const given = (parameter: EndpointParameter): unknown => valueOf(parameter, args[camel(parameter.name)], endpoint);
        const params = Object.fromEntries(parameters.map((parameter) => [parameter.name, given(parameter)]));
        const ask = { Mutation: () => change(endpoint, params, request), Query: () => batches.run(endpoint, params) }[owner];
        const rows = await (ask?.() ?? batches.rowsOf(endpoint, params, parent));
        if (columns.length === 0) return true;
        return isList ? rows : rows[0] ?? null;
      },
    };
  };

  const fieldsOf = (type: string): Fields =>
    Object.fromEntries(own.filter(({ graphql }) => graphql.type === type).map((endpoint) => [endpoint.graphql.field, fieldOf(endpoint)]));

  const change = (endpoint: GraphqlEndpoint, params: Row, request: FastifyRequest): Promise<readonly Row[]> => {
    const { role, name } = request.access;
    if (role === 'reader') {
      throw name === null
        ? new Problem(401, 'TOKEN_REQUIRED', 'A mutation takes the token of a writer or curator, in the header Authorization: Bearer btcdb_….')
        : new Problem(403, 'FORBIDDEN', 'A mutation takes the token of a writer or curator.');
    }
    return write(request, writers, (tx) => endpoint.query.run(params, tx) as Promise<Row[]>);
  };

  const root = (name: string): GraphQLObjectType | null => {
    const fields = fieldsOf(name);
    return Object.keys(fields).length === 0 ? null : new GraphQLObjectType({ name, fields });
  };
  return new GraphQLSchema({ query: root('Query'), mutation: root('Mutation'), subscription: newsFor(news, sources) });
}

/** Of scalars that are no text. */
const leaves: Readonly<Record<string, Leaf>> = {
  smallint: GraphQLInt,
  integer: GraphQLInt,
  bigint: BigInteger,
  numeric: Decimal,
  real: GraphQLFloat,
  'double precision': GraphQLFloat,
  boolean: GraphQLBoolean,
  'timestamp with time zone': DateTime,
  json: Json,
  jsonb: Json,
};

/** Taken with all the digits that were written. */
const approximate = new Set(['real', 'double precision']);

/** The parameters that are arguments. */
export function argumentsOf({ parameters, graphql: { parent } }: GraphqlEndpoint): EndpointParameter[] {
  return parameters.filter(({ name }) => !parent.some(({ parameter }) => parameter === name));
}

const isBound = ({ name }: EndpointParameter, { bound }: Endpoint): boolean => typeof bound === 'object' && bound?.parameter === name;

/** @throws {Problem} INVALID_PARAMETER */
function valueOf(parameter: EndpointParameter, value: unknown, endpoint: GraphqlEndpoint): unknown {
  if (isBound(parameter, endpoint) && (value as number) < 0) {
    throw new Problem(400, 'INVALID_PARAMETER', `The parameter ${parameter.name} is to be a whole number from 0 on.`);
  }
  const read = readParameter(parameter, value);
  // As a text, in which numbers have the digits that were written.
  return typeof read === 'object' && (parameter.type === 'jsonb' || parameter.type === 'json') && read !== null ? stringify(read) : read;
}

/** `quality_score` is `qualityScore`. */
export const camel = (name: string): string => name.replaceAll(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
const pascal = (name: string): string => camel(`_${name}`);

/** Prose about one parent, in which parameters have the names of arguments; undefined without any. */
export function spoken(prose: string, { parameters, graphql: { type, parent } }: GraphqlEndpoint): string | undefined {
  const names = new Set(parameters.map(({ name }) => name));
  const ofOne = parent.reduce((text, { parameter }) => text.replaceAll(new RegExp(`each\\s+of\\s+:${parameter}\\b`, 'g'), `the ${type.toLowerCase()}`), prose);
  return ofOne.replaceAll(/:([a-z]\w*)/g, (written, name: string) => (names.has(name) ? `\`${camel(name)}\`` : written)) || undefined;
}
