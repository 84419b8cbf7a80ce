import Vue from "vue-2";
import Dashboard from "./Dashboard.vue";
import plugin from "./websocket.js";

Vue.config.productionTip = false;
Vue.use(plugin);

const socket = Vue.prototype.$websocket;
window.heard = [];
window.socket = socket;

window.start = (token, types) => {
  for (const type of types) socket.on(type, (data) => window.heard.push({ type, data }));
  localStorage.setItem("niochat_token", token);
  const app = new Vue({ render: (h) => h(Dashboard) }).$mount("#app");
  window.stop = () => app.$destroy();
};
