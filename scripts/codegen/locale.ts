/**
 * pgTyped sorts the columns of an interface by the locale of whoever runs it. The generated files must not depend on
 * that, so while it works strings are compared as in English.
 */
export async function inEnglish<Result>(work: () => Promise<Result>): Promise<Result> {
  const { localeCompare } = String.prototype;
  const inEnglishByDefault = function (this: string, that: string, locales: Intl.LocalesArgument = 'en-US', options?: Intl.CollatorOptions): number {
    return localeCompare.call(this, that, locales as string, options);
  };
  String.prototype.localeCompare = inEnglishByDefault;
  try {
    return await work();
  } finally {
    String.prototype.localeCompare = localeCompare;
  }
}
