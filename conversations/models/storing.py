"""All that storing a message writes: in one statement where the database can, since every message does it."""

from __future__ import annotations

from django.db import connection

from accounts.compiled_writes import CompiledInsert, CompiledUpdate
from conversations.models.contact import Contact
from conversations.models.conversation import Conversation
from conversations.models.message import Message

MESSAGE = CompiledInsert(Message)
# What a message of either side changes of its conversation; what it is shown as stands in `show_last`.
CHANGED = (
    "status",
    "assignee",
    "answered",
    "waiting_since",
    "last_message",
    "last_message_sender",
    "last_message_type",
    "last_message_private",
    "last_message_at",
    "last_activity_at",
)
ANSWERED = CompiledUpdate(Conversation, *CHANGED, "first_replied_at")
HEARD = CompiledUpdate(Conversation, *CHANGED, "window_until", "snoozed_until", "unread_count", "closed_at")
NUMBER = CompiledUpdate(Conversation, "last_message_id")
SEEN = CompiledUpdate(Contact, "last_seen_at")
AT_ONCE = """
    WITH said AS ({insert}){seen}
    UPDATE {table} SET {changes}, last_message_id = said.id FROM said WHERE {table}.id = %s RETURNING said.id
"""


def store_reply(message: Message, conversation: Conversation) -> None:
    """Store what the team said, and its conversation as it has changed it, which is locked."""
    store(message, conversation, ANSWERED)


def store_received(message: Message, conversation: Conversation) -> None:
    """Store a customer's message, and its conversation and writer as it has changed them, which are locked."""
    store(message, conversation, HEARD, conversation.contact)


def store(
    message: Message, conversation: Conversation, changes: CompiledUpdate[Conversation], seen: Contact | None = None
) -> None:
    """Store the message, these changes of its conversation, and that the contact was seen."""
    if connection.vendor == "postgresql":
        MESSAGE.note(message, number_at_once(message, conversation, changes, seen))
        conversation.last_message_id = message.pk
        return
    MESSAGE(message)
    conversation.last_message_id = message.pk
    if seen:
        SEEN(seen)
    for write in (changes, NUMBER):
        write(conversation)


def number_at_once(
    message: Message, conversation: Conversation, changes: CompiledUpdate[Conversation], seen: Contact | None
) -> int:
    """All of it in one statement; the message's number."""
    sql = AT_ONCE.format(
        insert=MESSAGE.sql,
        seen=f", seen AS ({SEEN.sql})" if seen else "",
        table=changes.table,
        changes=changes.changes,
    )
    contact = [*SEEN.values(seen), seen.pk] if seen else []
    with connection.cursor() as cursor:
        cursor.execute(sql, [*MESSAGE.values(message), *contact, *changes.values(conversation), conversation.pk])
        return int(cursor.fetchone()[0])
