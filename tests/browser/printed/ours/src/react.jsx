import { NioChatProvider } from "niochat-client/react";
import { createRoot } from "react-dom/client";
import Dashboard from "./Dashboard.jsx";

const root = createRoot(document.getElementById("app"));

window.start = (token) =>
  root.render(
    <NioChatProvider url="http://localhost:8010" token={token}>
      <Dashboard token={token} />
    </NioChatProvider>,
  );
window.stop = () => root.unmount();
