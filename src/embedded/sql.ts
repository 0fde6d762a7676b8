/** Cuts the text of a query into statements and tokens, to recognise those few that the server answers by itself. */

export interface Token {
  kind: 'word' | 'string' | 'symbol';
  /** The token as written; words in lower case. */
  text: string;
  start: number;
  end: number;
}

const tokenPattern =
  /(?<space>\s+|--[^\n]*)|(?<open>\/\*)|(?<string>[eE]'(?:[^'\\]|\\.|'')*'?|'(?:[^']|'')*'?)|(?<quoted>"(?:[^"]|"")*"?)|(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)|(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(?<symbol>[^])/uy;

/** Cuts SQL into tokens, leaving out space and comments. */
function* tokens(sql: string): Generator<Token> {
  const pattern = new RegExp(tokenPattern);
  for (let start = 0; start < sql.length;) {
    pattern.lastIndex = start;
    const match = pattern.exec(sql);
    const found = match?.groups;
    if (!match || !found) return;
    let end = pattern.lastIndex;
    if (found['open'] !== undefined) end = endOfComment(sql, start);
    else if (found['dollar'] !== undefined) {
      const close = sql.indexOf(found['dollar'], end);
      end = close < 0 ? sql.length : close + found['dollar'].length;
      yield { kind: 'string', text: sql.slice(start, end), start, end };
    } else if (found['word'] !== undefined) yield { kind: 'word', text: found['word'].toLowerCase(), start, end };
    else if (found['string'] !== undefined) yield { kind: 'string', text: found['string'], start, end };
    else if (found['space'] === undefined) yield { kind: 'symbol', text: match[0], start, end };
    start = end;
  }
}

/** Comments nest. */
function endOfComment(sql: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  for (let depth = 0; ;) {
    const match = mark.exec(sql);
    if (!match) return sql.length;
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
}

/** The statements of a text, without those that are empty. */
export function* statements(sql: string): Generator<Token[]> {
  let statement: Token[] = [];
  let depth = 0;
  for (const token of tokens(sql)) {
    if (token.kind === 'symbol') {
      if (token.text === '(') depth++;
      if (token.text === ')') depth--;
      if (token.text === ';' && depth <= 0) {
        if (statement.length > 0) yield statement;
        statement = [];
        continue;
      }
    }
    statement.push(token);
  }
  if (statement.length > 0) yield statement;
}
