import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

export default defineConfig({ cacheDir: "node_modules/.vite", plugins: [vue()], resolve: { dedupe: ["vue"] } });
