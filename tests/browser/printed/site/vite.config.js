import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compileTemplate, parse, rewriteDefault } from "vue-2/compiler-sfc";

const PAGES = ["plain", "react", "vue", "angular"];

/** Single-file components of Vue 2, for which the printed plugin is written: it extends `Vue.prototype`. */
const vue2 = {
  name: "vue-2",
  enforce: "pre",
  transform(source, id) {
    if (!id.endsWith(".vue")) return undefined;
    const { template, script } = parse({ source });
    const compiled = compileTemplate({ source: template.content, filename: id });
    const component = rewriteDefault(script.content, "component");
    return `${component}\n${compiled.code}\nexport default Object.assign(component, { render, staticRenderFns });`;
  },
};

/** The printed component belongs to a module, as every component did before Angular 19 changed that default. */
const angularOfItsTime = {
  name: "angular-of-its-time",
  enforce: "pre",
  resolveId(source, importer) {
    const asked = source === "@angular/core" && importer?.endsWith("/dashboard.component.ts");
    return asked ? this.resolve("/src/angular-of-its-time.ts", importer) : undefined;
  },
};

export default defineConfig({
  plugins: [vue2, angularOfItsTime, react()],
  build: {
    rolldownOptions: { input: PAGES.map((page) => `${page}.html`) },
    minify: false,
    reportCompressedSize: false,
  },
});
