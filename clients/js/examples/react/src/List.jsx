import { FILTERS, initials, when } from "../../shared/words.js";

export function List({ desk }) {
  return (
    <nav className="list" aria-label="Conversations">
      <div className="filters">
        <input
          type="search"
          aria-label="Search"
          placeholder="Search"
          value={desk.searchTerm}
          onChange={(event) => desk.setSearchTerm(event.target.value)}
        />
        <select
          aria-label="Status"
          value={desk.statusFilter}
          onChange={(event) => desk.setStatusFilter(event.target.value)}
        >
          {FILTERS.map(([status, label]) => (
            <option key={status} value={status}>
              {label}
            </option>
          ))}
        </select>
      </div>
      {desk.error && (
        <p className="trouble" role="alert">
          {desk.error.message}{" "}
          <button type="button" onClick={desk.retry}>
            Try again
          </button>
        </p>
      )}
      <ul className="rows">
        {desk.conversations.map((conversation) => (
          <li key={conversation.id}>
            <Row
              conversation={conversation}
              current={conversation.id === desk.currentConversation?.id}
              onClick={() => desk.selectConversation(conversation)}
            />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Row({ conversation, current, onClick }) {
  const { contact, last_message, last_message_time, unread_count } = conversation;
  return (
    <button type="button" className="row" aria-current={current} onClick={onClick}>
      <span className="face" aria-hidden="true">
        {initials(contact.name)}
      </span>
      <span className="name">{contact.name}</span>
      <time className="time" dateTime={last_message_time}>
        {when(last_message_time)}
      </time>
      <span className="last">{last_message}</span>
      {unread_count > 0 && <span className="unread">{unread_count}</span>}
    </button>
  );
}
