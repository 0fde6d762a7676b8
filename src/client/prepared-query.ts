/** What the generated functions are made of: pgTyped's queries, whose promises do not lead back to whoever awaits them. */
import { PreparedQuery as Untraced } from '@pgtyped/runtime';
import { traced } from '../errors/stack.js';

export class PreparedQuery<Params, Row> extends Untraced<Params, Row> {
  constructor(ir: ConstructorParameters<typeof Untraced>[0]) {
    super(ir);
    this.run = tracing(this.run);
    this.runWithCounts = tracing(this.runWithCounts);
  }
}

function tracing<Given extends unknown[], Result>(run: (...given: Given) => Promise<Result>): (...given: Given) => Promise<Result> {
  return async (...given) => {
    try {
      return await run(...given);
    } catch (error) {
      throw traced(error);
    }
  };
}
