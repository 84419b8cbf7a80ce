import { useEffect, useRef, useState } from "react";
import { keyOf, side, textOf, tick, when, writing } from "../../shared/words.js";

export function Thread({ desk }) {
  const { currentConversation, currentMessages, typing, viewers } = desk;
  if (!currentConversation) return <p className="empty">Choose a conversation to read it here.</p>;
  const { id, contact } = currentConversation;
  return (
    <section className="thread" aria-label={contact.name}>
      <header className="with">
        <h2>{contact.name}</h2>
        {contact.phone}
        {viewers.length > 1 && <span className="viewers">{viewers.length - 1} also here</span>}
      </header>
      <Messages messages={currentMessages} />
      <p className="typing" aria-live="polite">
        {writing(typing[id], contact.name)}
      </p>
      <Composer key={id} desk={desk} />
    </section>
  );
}

function Messages({ messages }) {
  const end = useRef(null);
  const newest = messages.at(-1);
  useEffect(() => {
    if (newest) end.current?.scrollIntoView({ block: "end" });
  }, [newest]);
  return (
    <ol className="messages">
      {messages.map((message) => (
        <li
          className="message"
          key={keyOf(message)}
          data-side={side(message)}
          data-status={message.status}
          title={message.error}
        >
          {textOf(message)}
          <small>
            {when(message.created_at)} {tick(message)}
          </small>
        </li>
      ))}
      <li ref={end} aria-hidden="true" />
    </ol>
  );
}

function Composer({ desk }) {
  const [content, setContent] = useState("");

  const write = (event) => {
    setContent(event.target.value);
    desk.sendTyping();
  };
  const send = () => {
    if (!content.trim()) return;
    desk.sendMessage(content);
    setContent("");
  };
  const key = (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    send();
  };

  return (
    <form className="composer" action={send}>
      <textarea
        aria-label="Message"
        placeholder="Write a reply"
        rows={1}
        value={content}
        onChange={write}
        onKeyDown={key}
      />
      <button type="submit" className="go" disabled={!content.trim()}>
        Send
      </button>
    </form>
  );
}
