/** The lint of TypeScript, layout included: ESLint with eslint.config.js, its findings as those of the other checks. */
import { ESLint } from 'eslint';
import { shownPath } from '../files.js';
import type { Problem } from '../problem.js';

export async function lintTypeScript(): Promise<Problem[]> {
  // One program for all files: none changes on the way.
  process.env['TSESTREE_SINGLE_RUN'] = 'true';
  return toProblems(await new ESLint().lintFiles('.'));
}

/** As if the text were in this file of the project. */
export async function lintTypeScriptText(file: string, text: string, { fix = false } = {}): Promise<{ problems: Problem[]; text: string }> {
  const [result] = await new ESLint({ fix }).lintText(text, { filePath: file });
  return { problems: toProblems(result ? [{ ...result, source: text }] : []), text: result?.output ?? text };
}

/** Mends what ESLint can. Returns the paths of the files that changed, and what cannot even be parsed. */
export async function formatTypeScript(): Promise<{ changed: string[]; problems: Problem[] }> {
  const results = await new ESLint({ fix: true }).lintFiles('.');
  await ESLint.outputFixes(results);
  return {
    changed: results.filter(({ output }) => output !== undefined).map(({ filePath }) => shownPath(filePath)),
    problems: toProblems(results.map((result) => ({ ...result, messages: result.messages.filter(({ fatal }) => fatal) }))),
  };
}

function toProblems(results: readonly ESLint.LintResult[]): Problem[] {
  return results.flatMap(({ filePath, messages, source }) => {
    const lines = source?.split('\n');
    return messages.map(({ line, column, message, ruleId, fix }): Problem => ({
      file: shownPath(filePath),
      line,
      column,
      source: lines?.[line - 1],
      rule: ruleId ?? undefined,
      message: message.replaceAll(/\s*\n\s*/g, ' ').replace(/\.$/, ''),
      fix: fix ? 'npm run format mends it.' : undefined,
    }));
  });
}
