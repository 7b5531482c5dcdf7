// What is checked in the JavaScript of the components; the joined files are made of what is checked.

import js from "@eslint/js"
import globals from "globals"

export default [
  { ignores: ["**/*.bundle.js", "**/.venv/**", "workspace/**", "test-results/**"] },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: "error",
      "no-undef": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": ["error", { destructuring: "all" }],
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
  },
  { files: ["lib/web/components/*/*.js"], languageOptions: { globals: globals.browser } },
  { files: ["**/*.mjs", "tests/js/*.js", "eslint.config.js"], languageOptions: { globals: globals.node } },
]
