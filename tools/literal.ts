/** A value as the text of a generated module has it: on one line, but for arrays of objects. */
export function literal(value: unknown, indent = ''): string {
  if (Array.isArray(value) && value.some((item) => typeof item === 'object')) {
    return `[\n${value.map((item) => `${indent}  ${literal(item, indent)},\n`).join('')}${indent}]`;
  }
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, indent)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value).map(([key, each]) => `${key}: ${literal(each, indent)}`).join(', ')} }`;
}
