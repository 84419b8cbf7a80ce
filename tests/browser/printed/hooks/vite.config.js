import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** What the documents' projects import by these names is our package. */
const HOOKS = { find: /^.*\/hooks\/useWebSocket$/, replacement: "niochat-client/react" };

/** A document prints a component, or the inside of one: the rest of its file is implied. */
const IMPLIED = {
  "fastapi.tsx": (code) => `${code}\nexport { MyComponent };`,
  "syszap.tsx": (code) => `import { useEffect } from "react";\n${code}\nexport { MyComponent };`,
  "pytake.tsx": (code) =>
    `import { useWebSocket } from "niochat-client/react";\nexport function MyComponent() {\n${code}\nreturn ws.connectionStatus; }`,
};

const implied = {
  name: "implied",
  enforce: "pre",
  transform(code, id) {
    const name = Object.keys(IMPLIED).find((file) => id.endsWith(`/${file}`));
    return name && IMPLIED[name](code);
  },
};

export default defineConfig({
  plugins: [implied, react()],
  resolve: { alias: [HOOKS] },
  build: { minify: false, reportCompressedSize: false },
});
