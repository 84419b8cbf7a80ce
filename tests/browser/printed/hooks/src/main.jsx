import { NioChatProvider, useConversations, useWebSocket } from "niochat-client/react";
import { createRoot } from "react-dom/client";
import * as fastapi from "./fastapi.tsx";
import * as pytake from "./pytake.tsx";
import * as syszap from "./syszap.tsx";

const printed = { fastapi, pytake, syszap };
const root = createRoot(document.getElementById("app"));

/** What our hooks give, for the test to look at. */
function Window({ token }) {
  window.hook = useWebSocket(token);
  window.desk = useConversations();
  return null;
}

/** A document's component inside a connection, as its page has it. */
window.start = (name, token) => {
  const { MyComponent } = printed[name];
  root.render(
    <NioChatProvider url="http://localhost:8010" token={token}>
      <MyComponent />
      <Window />
    </NioChatProvider>,
  );
};

/** `useWebSocket(token)`, without anything around it. */
function Alone({ token, url }) {
  window.hook = useWebSocket(token, { url });
  return window.hook.connectionStatus;
}

window.startAlone = (token, url) => {
  root.render([<Alone key="one" token={token} url={url} />, <Alone key="other" token={token} url={url} />]);
};

window.stop = () => root.unmount();
