// What `npm run lint` asks of TypeScript, and the layout that `npm run format` gives it. Where a line breaks is decided by
// whoever writes it: tables of cases and statements of SQL read best as they are written.
import stylistic from '@stylistic/eslint-plugin';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const layout = stylistic.configs.customize({
  indent: 2,
  quotes: 'single',
  semi: true,
  quoteProps: 'as-needed',
  arrowParens: true,
  braceStyle: '1tbs',
});

export default defineConfig(
  // The generated files are laid out by pgTyped.
  { ignores: ['**/dist/', '.btcdb/', '**/*.queries.ts', 'queries/endpoints.ts', 'src/types/tables.ts', 'src/schema/truth.ts'] },
  {
    files: ['**/*.ts', '*.js'],
    plugins: layout.plugins,
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      ...layout.rules,
      '@stylistic/generator-star-spacing': ['error', { before: false, after: true, method: 'before' }],
      '@stylistic/multiline-ternary': 'off',
      '@stylistic/operator-linebreak': ['error', 'before', { overrides: { '=': 'after' } }],
      '@stylistic/quotes': ['error', 'single', { avoidEscape: true, allowTemplateLiterals: 'always' }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: ['./tsconfig.json', './server/tsconfig.json', './server/page/tsconfig.json'], tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // A function is async when its type returns a promise, awaited or not.
      '@typescript-eslint/require-await': 'off',
      // pg types what a query returns as any; what is in the rows is proven by tests/queries.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // In tests a case is a line, however long.
    files: ['{src,tools,bench,server/src,server/page}/**/*.ts'],
    rules: {
      '@stylistic/max-len': ['error', {
        code: 140,
        ignoreStrings: true,
        ignoreTemplateLiterals: true,
        ignoreRegExpLiterals: true,
      }],
    },
  },
);
