import linker from "@angular/compiler-cli/linker/babel";
import { transformAsync } from "@babel/core";
import { defineConfig } from "vite";

/** Angular's own libraries come half compiled; this does the other half ahead of time too, as the Angular CLI does. */
const angularLinker = {
  name: "angular-linker",
  async transform(code, id) {
    if (!id.includes("/@angular/") || !code.includes("ɵɵngDeclare")) return undefined;
    const linked = await transformAsync(code, { filename: id, plugins: [linker], configFile: false, compact: false });
    return { code: linked.code, map: null };
  },
};

export default defineConfig({
  cacheDir: "node_modules/.vite",
  plugins: [angularLinker],
  define: { ngDevMode: "false" },
  optimizeDeps: { exclude: ["@angular/core", "@angular/common", "@angular/platform-browser"] },
});
