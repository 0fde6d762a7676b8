/** The sentences of the prose above a query that name something: `:limit` for a parameter, `age` for a column. `age: …` is one, too. */
export function sentencesAbout(prose: string, name: string): string {
  const sentences = prose.replaceAll(/\s+/g, ' ').split(/(?<=[.!?]) (?=[A-Z:]|\w+: )/);
  return sentences.filter((sentence) => new RegExp(`(?<![\\w:])${name}\\b`).test(sentence)).join(' ');
}
