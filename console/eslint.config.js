// The borders of the house: app → features/* → shared. A feature never imports another one; shared imports neither.
import js from '@eslint/js'
import pluginVue from 'eslint-plugin-vue'
import globals from 'globals'
import tseslint from 'typescript-eslint'

const border = (message, ...group) => ({
  'no-restricted-imports': ['error', { patterns: [{ group, message }] }],
})

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'src/shared/api/schema.d.ts'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  ...pluginVue.configs['flat/recommended'],
  {
    files: ['**/*.{ts,vue}'],
    languageOptions: { globals: globals.browser, parserOptions: { parser: tseslint.parser } },
    rules: {
      'no-undef': 'off', // the type checker knows better
      'max-lines': ['error', 250],
      complexity: ['error', 15],
      'vue/multi-word-component-names': 'error',
      'vue/no-v-html': 'error',
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      // Layout of markup only; these fight over line breaks without making anything clearer.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/attributes-order': 'off',
    },
  },
  {
    files: ['src/features/**'],
    rules: border('A feature uses shared and itself, nothing else.', '@/features/*', '@/app/*', '../*'),
  },
  {
    files: ['src/shared/**'],
    rules: border('Shared knows neither features nor app.', '@/features/*', '@/app/*', '**/features/**', '**/app/**'),
  },
)
