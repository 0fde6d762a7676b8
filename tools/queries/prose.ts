/** The sentences of the prose above a query that name something: `:limit` for a parameter, `age` for a column. */
export function sentencesAbout(prose: string, name: string): string {
  const sentences = prose.replaceAll(/\s+/g, ' ').split(/(?<=[.!?]) (?=[A-Z:`])/);
  return sentences.filter((sentence) => new RegExp(`(?<![\\w:])${name}\\b`).test(sentence)).join(' ');
}
