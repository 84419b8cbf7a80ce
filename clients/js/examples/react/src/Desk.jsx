import { useConversations, useWebSocket } from "niochat-client/react";
import { online, STATES } from "../../shared/words.js";
import { List } from "./List.jsx";
import { Thread } from "./Thread.jsx";

export function Desk() {
  const { connectionStatus } = useWebSocket();
  const desk = useConversations();
  return (
    <main className="desk">
      <header className="bar">
        <h1>NioChat</h1>
        <span className="people">{online(desk.presence)} online</span>
        <span className="unread-total">{desk.unreadCount} unread</span>
        <span className="state" data-state={connectionStatus} role="status">
          {STATES[connectionStatus]}
        </span>
      </header>
      <List desk={desk} />
      <Thread desk={desk} />
    </main>
  );
}
