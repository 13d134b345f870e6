import { existsSync, readdirSync, readFileSync } from "node:fs";
import vue from "eslint-plugin-vue";
import globals from "globals";
import ts from "typescript-eslint";

// Which way dependencies point: shell -> modules -> platform. A module may import those that its Go module requires; one that
// the console alone has, such as history, may import every Go module's.
const here = (path) => new URL(path, import.meta.url);
const modules = readdirSync(here("src"), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() && !["platform", "shell"].includes(entry.name) ? [entry.name] : []));
const goModOf = (name) => here(`../modules/${name}/go.mod`);
const inGo = modules.filter((name) => existsSync(goModOf(name)));

function mayImport(name) {
  if (!inGo.includes(name)) return inGo;
  return [...readFileSync(goModOf(name), "utf8").matchAll(/^\s*(?:require )?erp\.internal\/modules\/(\w+) v\S+$/gm)].map(([, required]) => required);
}

const arrows = [
  { files: ["src/platform/**"], forbidden: ["shell", ...modules] },
  ...modules.map((name) => ({
    files: [`src/${name}/**`],
    forbidden: ["shell", ...modules.filter((other) => other !== name && !mayImport(name).includes(other))],
  })),
].map(({ files, forbidden }) => ({
  files,
  rules: {
    "no-restricted-imports": ["error", { patterns: [{ group: forbidden.flatMap((f) => [`@/${f}`, `@/${f}/*`, `**/../${f}/*`]), message: "This arrow is not allowed: see docs/console.md" }] }],
  },
}));

// What the API takes and gives is known from its document; a cast would hide that a call is wrong.
const cast = ":matches(TSAsExpression, TSTypeAssertion, TSNonNullExpression):not([typeAnnotation.typeName.name='const'])";
const call = "CallExpression[callee.object.name='api']";
const uncast = [`${call} ${cast}`, `${cast}:has(${call})`, "TSAsExpression > TSIndexedAccessType[objectType.typeName.name='Schemas']"].map((selector) => ({
  selector,
  message: "No casts around calls of the API: narrow the value, or correct its type",
}));

// A field's name goes on with what is chosen in it.
const comboboxes = {
  selector: "CallExpression[callee.property.name='getByRole'][arguments.0.value='combobox'][arguments.1]",
  message: "Take `combobox` of e2e/test.ts: a part of a name may also match what is chosen in another field",
};

export default ts.config(
  { ignores: ["dist", "node_modules", "src/platform/schema.d.ts", "test-results", "screenshots"] },
  ...ts.configs.strict,
  ...vue.configs["flat/recommended"],
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node }, parserOptions: { parser: ts.parser, extraFileExtensions: [".vue"] } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      // Layout is the editor's business (.editorconfig), not the linter's.
      "vue/max-attributes-per-line": "off",
      "vue/singleline-html-element-content-newline": "off",
      "vue/html-self-closing": "off",
      "vue/html-indent": "off",
      "vue/html-closing-bracket-newline": "off",
      "vue/first-attribute-linebreak": "off",
      "vue/attributes-order": "off",
      "vue/require-default-prop": "off", // TypeScript knows what is optional
      "vue/no-v-html": "error",
      "@typescript-eslint/no-non-null-assertion": "off", // vue-tsc does not narrow what a template has checked
      "vue/no-deprecated-filter": "off", // it takes a union type in a template for one
      eqeqeq: ["error", "always", { null: "ignore" }],
    },
  },
  { files: ["src/**"], rules: { "no-console": "error", "no-restricted-syntax": ["error", ...uncast] } },
  { files: ["e2e/**"], ignores: ["e2e/test.ts"], rules: { "no-restricted-syntax": ["error", comboboxes] } },
  ...arrows,
);
