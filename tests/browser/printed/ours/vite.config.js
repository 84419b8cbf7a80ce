import react from "@vitejs/plugin-react";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const PAGES = ["react", "vue", "angular"];

/** What the printed component takes from its neighbour is ours. */
const OURS = { find: /^.*\/hooks\/useWebSocket$/, replacement: "niochat-client/react" };

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
  plugins: [angularOfItsTime, react(), vue()],
  resolve: { alias: [OURS] },
  build: {
    rolldownOptions: { input: PAGES.map((page) => `${page}.html`) },
    minify: false,
    reportCompressedSize: false,
  },
});
