/** The prose above a query, sentence by sentence. `age: Seconds since …` is one, too. */
export function sentencesOf(prose: string): string[] {
  return prose.replaceAll(/\s+/g, ' ').split(/(?<=[.!?]) (?=[A-Z:]|\w+: )/);
}

/** Those that name something: `:limit` for a parameter, `age` for a column. */
export function sentencesAbout(prose: string, name: string): string {
  return sentencesOf(prose).filter((sentence) => new RegExp(`(?<![\\w:])${name}\\b`).test(sentence)).join(' ');
}
