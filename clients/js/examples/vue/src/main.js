import { createApp } from "vue";
import App from "./App.vue";
import "../../shared/desk.css";

createApp(App).mount("#app");
