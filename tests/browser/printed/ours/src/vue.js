import { createNioChat } from "niochat-client/vue";
import { createApp } from "vue";
import Dashboard from "./Dashboard.vue";

window.start = (token) => {
  localStorage.setItem("niochat_token", token);
  const app = createApp(Dashboard).use(createNioChat({ url: "http://localhost:8010", autoConnect: false }));
  app.mount("#app");
  window.stop = () => app.unmount();
};
