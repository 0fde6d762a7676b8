/** squawk, a linter for migrations: what would lock or break a database in use. Rules: .squawk.toml. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Problem } from '../problem.js';
import { isBlank, type Folder } from './folder.js';
import { locateLine } from './locate.js';

const config = fileURLToPath(new URL('../../../.squawk.toml', import.meta.url));

/** What squawk prints; line and column from 0. */
interface Finding {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly help: string | null;
  readonly rule_name: string;
}

/** Findings in the committed migrations and the current one. That squawk cannot run is a problem, too. */
export function lint({ root, committed, current }: Folder, environment = process.env): Problem[] {
  const migrations = [...committed, ...(isBlank(current) ? [] : [current])];
  if (migrations.length === 0) return [];
  const squawk = squawkPath();
  if (squawk === undefined) return [cannotRun('the package squawk-cli is not installed')];
  const files = migrations.map(({ path }) => path);
  const { stdout, stderr, error, status } = spawnSync(
    process.execPath,
    [squawk, '--config', config, '--reporter', 'json', ...files],
    { encoding: 'utf8', env: environment, maxBuffer: 64 * 2 ** 20 },
  );
  let findings: Finding[];
  try {
    findings = JSON.parse(stdout) as Finding[];
  } catch {
    return [cannotRun(error?.message ?? (stderr.trim() || `exit code ${status}`))];
  }
  if (status !== 0 && findings.length === 0) return [cannotRun(stderr.trim() || `exit code ${status}`)];
  return findings.map((finding) => {
    const migration = migrations.find(({ path }) => path === finding.file);
    const fix = [finding.help, ignoring(finding.rule_name)].filter((text) => text !== null).join('. ');
    const problem = { rule: `squawk: ${finding.rule_name}`, message: finding.message, fix };
    if (!migration) return { file: finding.file, line: finding.line + 1, ...problem };
    const script = { migration, root, text: migration.text, firstLine: 1 };
    return { ...locateLine(script, finding.line), column: finding.column + 1, ...problem };
  });
}

function ignoring(rule: string): string | null {
  return rule === 'syntax-error' ? null : `When it is meant: -- squawk-ignore ${rule} on the line before`;
}

function squawkPath(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('squawk-cli/package.json')), 'js', 'bin', 'squawk');
  } catch {
    return undefined;
  }
}

function cannotRun(reason: string): Problem {
  return {
    message: `squawk did not run, so the migrations are not linted: ${reason}`,
    fix: 'Its program comes with npm, as an optional package for this platform: npm ci --include=optional.',
  };
}
