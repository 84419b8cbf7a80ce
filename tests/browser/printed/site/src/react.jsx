import { createRoot } from "react-dom/client";
import Dashboard from "./Dashboard.jsx";
import { useWebSocket } from "./hooks/useWebSocket.js";

/** What the hook gives, for the test to look at. */
function Window({ token }) {
  window.hook = useWebSocket(token);
  return null;
}

const root = createRoot(document.getElementById("app"));

window.start = (token) => {
  root.render([<Dashboard key="printed" token={token} />, <Window key="window" token={token} />]);
};
window.stop = () => root.unmount();
