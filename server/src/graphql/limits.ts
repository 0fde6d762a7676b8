/** What a GraphQL request may cost, found out before anything is asked of the database. */
import {
  getArgumentValues, getNamedType, getOperationAST, getVariableValues, GraphQLError, isObjectType, Kind, type DocumentNode,
  type FragmentDefinitionNode, type GraphQLObjectType, type GraphQLSchema, type SelectionSetNode,
} from 'graphql';

/** Fields within fields. */
export const mostDepth = 8;
/** Values in the answer, if every list is as long as it may be. */
export const mostValues = 250_000;
/** Statements that it takes. Fields of many parents take one. */
export const mostStatements = 30;
/** Tokens and characters of the document. */
export const mostTokens = 2000;
export const longestQuery = 20_000;
/** Fields that are looked at, with those of fragments each time that they are used. */
const mostFields = 10_000;

/** What schema.ts says of a field: how many objects it gives at most, with these arguments. */
export interface FieldExtensions {
  readonly size?: (args: Readonly<Record<string, unknown>>) => number;
}

/** @throws {GraphQLError} QUERY_TOO_COSTLY, or what is wrong with a variable */
export function checkLimits(
  schema: GraphQLSchema, document: DocumentNode, operationName: string | null | undefined, variables: Readonly<Record<string, unknown>>,
): void {
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (!operation || !root) return;
  const { errors, coerced = {} } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  if (errors) throw errors[0]!;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const cost = { values: 0, statements: 0, fields: 0 };

  const visit = ({ selections }: SelectionSetNode, type: GraphQLObjectType, times: number, depth: number): void => {
    for (const node of selections) {
      if (++cost.fields > mostFields) refuse(`It has more than ${mostFields} fields.`);
      if (node.kind !== Kind.FIELD) {
        const inner = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
        if (inner) visit(inner.selectionSet, type, times, depth);
        continue;
      }
      // What begins with __ asks about the schema.
      const field = type.getFields()[node.name.value];
      if (!field) continue;
      if (depth > mostDepth) refuse(`Its fields lie more than ${mostDepth} deep.`);
      const { size } = field.extensions as FieldExtensions;
      const count = times * (size?.(getArgumentValues(field, node, coerced)) ?? 1);
      if (size && ++cost.statements > mostStatements) refuse(`It would take more than ${mostStatements} statements.`);
      cost.values += count;
      if (cost.values > mostValues) refuse(`Its answer could have more than ${mostValues} values. Ask with smaller limits, or for fewer fields.`);
      const inner = getNamedType(field.type);
      if (node.selectionSet && isObjectType(inner)) visit(node.selectionSet, inner, count, depth + 1);
    }
  };
  visit(operation.selectionSet, root, 1, 1);
}

function refuse(why: string): never {
  throw new GraphQLError(`The query asks for too much. ${why}`, { extensions: { code: 'QUERY_TOO_COSTLY' } });
}
