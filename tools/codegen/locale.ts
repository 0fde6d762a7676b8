interface Comparing {
  localeCompare: (this: string, that: string, locales?: Intl.LocalesArgument, options?: Intl.CollatorOptions) => number;
}

/**
 * pgTyped sorts the columns of an interface by the locale of whoever runs it. The generated files must not depend on
 * that, so while it works strings are compared as in English.
 */
export async function inEnglish<Result>(work: () => Promise<Result>): Promise<Result> {
  const prototype: Comparing = String.prototype;
  const { localeCompare } = prototype;
  prototype.localeCompare = function (that, locales = 'en-US', options) {
    return localeCompare.call(this, that, locales, options);
  };
  try {
    return await work();
  } finally {
    prototype.localeCompare = localeCompare;
  }
}
