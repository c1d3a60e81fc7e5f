import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default ts.config(
  { ignores: ['dist/', 'src/api/types.gen.ts', 'src/host/ipc.gen.ts'] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        projectService: true,
        extraFileExtensions: ['.svelte'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Written by the compiler for `bind:this` and `$state()`: undefined until mounted.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // What others wrote is a tree (src/parts/markup.ts), never HTML that becomes a part of the page.
      'svelte/no-at-html-tags': 'error',
      'no-restricted-syntax': [
        'error',
        ...['innerHTML', 'outerHTML', 'srcdoc'].map((name) => ({
          selector: `AssignmentExpression > MemberExpression.left[property.name='${name}']`,
          message: 'HTML never becomes a part of the page: render it with src/parts/Markup.svelte.',
        })),
        ...['insertAdjacentHTML', 'setHTMLUnsafe', 'createContextualFragment'].map((name) => ({
          selector: `CallExpression > MemberExpression.callee[property.name='${name}']`,
          message: 'HTML never becomes a part of the page: render it with src/parts/Markup.svelte.',
        })),
      ],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@tauri-apps/*'],
              message: 'The host is reached through src/host/host.ts alone.',
            },
          ],
        },
      ],
    },
  },
  { files: ['src/host/tauri.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    files: ['*.config.js', '*.config.ts', 'tools/**'],
    ...ts.configs.disableTypeChecked,
    languageOptions: {
      globals: { ...globals.node, ...globals.browser },
      parserOptions: { projectService: false },
    },
  },
);
