import { type Command, InvalidArgumentError, Option } from 'commander';
import { issue, list, revoke } from '../../../queries/tokens.queries.js';
import { hashToken, makeToken } from '../../access-token.js';
import { codeOf } from '../../errors/catalogue.js';
import { parseTimestamp } from '../../types/scalars.js';
import { UsageError } from '../console/failure.js';
import { type GlobalOptions, withSchema } from '../console/place.js';
import { marks, moment, note, print, printJson, printTable } from '../console/terminal.js';

type Expiry = { readonly expires_at: Date } | { readonly expires_in: string } | undefined;

interface CreateOptions extends GlobalOptions {
  readonly role: 'reader' | 'writer' | 'curator';
  readonly expires?: Expiry;
}

interface ListOptions extends GlobalOptions {
  readonly json?: boolean;
}

export function addToken(program: Command): void {
  const token = program.command('token').description('who may come by HTTP: make, list and revoke tokens for btcdb serve');
  token
    .command('create')
    .description('make a token and print it, this once: only its hash is stored')
    .argument('<name>', 'who has it; what is written with it is written in this name')
    .addOption(new Option('--role <role>', 'a reader only asks, a writer brings rows, a curator reviews anomalies').choices(['reader', 'writer', 'curator']).makeOptionMandatory())
    .addOption(new Option('--expires <when>', 'when it stops to be valid: 2027-01-31, or after a time such as "90 days" (default: never)').argParser(expiryOf))
    .action(async (name: string, _options: object, command: Command) => {
      const { role, expires, ...options } = command.optsWithGlobals<CreateOptions>();
      await withSchema(options, async (db) => {
        const made = makeToken();
        const rows = await issue.run({ name, role, token_hash: hashToken(made), ...expires }, db).catch((error: unknown) => {
          throw refusal(error, name) ?? error;
        });
        const until = rows[0]?.expires_at;
        note(`${marks.ok} Token of the ${role} ${name}, valid ${until ? `until ${moment(until)} UTC` : 'until it is revoked'}. It is shown only now:`);
        print(made);
      });
    });
  token
    .command('list')
    .description('list all tokens, those that are no longer valid too')
    .option('--json', 'print one JSON document for programs')
    .action(async (_options: object, command: Command) => {
      const options = command.optsWithGlobals<ListOptions>();
      await withSchema(options, async (db) => {
        const tokens = await list.run(undefined, db);
        if (options.json) return printJson(tokens);
        if (tokens.length === 0) return print('There are no tokens. Make one: btcdb token create <name> --role reader');
        printTable(
          [{ title: 'name' }, { title: 'role' }, { title: 'state' }, { title: 'made' }, { title: 'expires' }],
          tokens.map(({ name, role, state, created_at: made, expires_at: expires }) => [
            name, role, state, moment(made), expires ? moment(expires) : 'never',
          ]),
        );
      });
    });
  token
    .command('revoke')
    .description('end a token: a server refuses it within a second')
    .argument('<name>', 'name of the token')
    .action(async (name: string, _options: object, command: Command) => {
      await withSchema(command.optsWithGlobals<GlobalOptions>(), async (db) => {
        const [revoked] = await revoke.run({ name }, db);
        if (!revoked) throw new UsageError(`There is no token ${name} that could be revoked`, 'List them: btcdb token list');
        print(`${marks.ok} Token of the ${revoked.role} ${name} revoked`);
      });
    });
}

function expiryOf(text: string): Expiry {
  if (/^\d{1,6} ?(?:second|minute|hour|day|week|month|year)s?$/.test(text)) return { expires_in: text };
  const ms = /^\d{4}-/.test(text) ? parseTimestamp(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('It has to be a date such as 2027-01-31, or a time such as "90 days".');
  return { expires_at: new Date(ms) };
}

/** What the table refuses, in the words of the command. */
function refusal(error: unknown, name: string): UsageError | undefined {
  const { constraint } = error as { constraint?: string };
  switch (codeOf(error) === '23505' ? 'name' : constraint) {
    case 'name':
      return new UsageError(`There is a token ${name} already`, 'Revoke it first, or take another name.');
    case 'access_tokens_name_check':
      return new UsageError(`${JSON.stringify(name)} cannot be the name of a token`, 'Take at most 63 of A-Z, a-z, 0-9 and _.@-, a letter or digit first.');
    case 'access_tokens_expires_at_check':
      return new UsageError('The token would have expired already', 'Give a moment to come.');
    default:
      return undefined;
  }
}
