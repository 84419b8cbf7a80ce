"""Everything that crosses the wire to a socket, declared once.

A class here is a frame: its fields are the frame's `data`, `kept` says whether the frame is numbered and can be
resumed, `audience` says in words who gets it (the README's table and the AsyncAPI document are made from these). The
stream that a frame goes to is chosen by whoever builds it, in a `Letter`. This package imports nothing of ours.
"""

from __future__ import annotations

from realtime.events import company, connection, contacts, control, conversations, live, messages, widget
from realtime.events.base import Audience, Event, Letter, Moment, Shape, iso
from realtime.events.company import AuditLog, AuditUser, CsatUpdate, DirectoryUpdated, SessionStatus
from realtime.events.connection import (
    AuthExpiring,
    Connected,
    Error,
    Heartbeat,
    MessageSent,
    Ok,
    Pong,
    Resumed,
    Resync,
    SyncData,
)
from realtime.events.contacts import ContactCreated, ContactEvent, ContactRef, ContactUpdated
from realtime.events.control import RightsChanged
from realtime.events.conversations import ConversationEvent, ConversationUpdated, SatisfactionData, Standing
from realtime.events.live import (
    ContactsOnline,
    ContactStatus,
    DashboardMetrics,
    QrCode,
    Typing,
    UserStatus,
    Viewers,
)
from realtime.events.messages import (
    AttachmentData,
    ChatMessage,
    FailureData,
    MessageData,
    MessageDeleted,
    MessageReaction,
    MessageRead,
    MessageStatus,
    MessageUpdated,
    Person,
    ReactionData,
    ReplyRef,
)
from realtime.events.widget import (
    AgentStatus,
    WidgetConversation,
    WidgetDeleted,
    WidgetMessage,
    WidgetReaction,
    WidgetRead,
    WidgetSurvey,
    WidgetTyping,
)

__all__ = [
    "AgentStatus",
    "AttachmentData",
    "Audience",
    "AuditLog",
    "AuditUser",
    "AuthExpiring",
    "ChatMessage",
    "Connected",
    "ContactCreated",
    "ContactEvent",
    "ContactRef",
    "ContactStatus",
    "ContactUpdated",
    "ContactsOnline",
    "ConversationEvent",
    "ConversationUpdated",
    "CsatUpdate",
    "DashboardMetrics",
    "DirectoryUpdated",
    "Error",
    "Event",
    "FailureData",
    "Heartbeat",
    "Letter",
    "MessageData",
    "MessageDeleted",
    "MessageReaction",
    "MessageRead",
    "MessageSent",
    "MessageStatus",
    "MessageUpdated",
    "Moment",
    "Ok",
    "Person",
    "Pong",
    "QrCode",
    "ReactionData",
    "ReplyRef",
    "Resumed",
    "Resync",
    "RightsChanged",
    "SatisfactionData",
    "SessionStatus",
    "Shape",
    "Standing",
    "SyncData",
    "Typing",
    "UserStatus",
    "Viewers",
    "WidgetConversation",
    "WidgetDeleted",
    "WidgetMessage",
    "WidgetReaction",
    "WidgetRead",
    "WidgetSurvey",
    "WidgetTyping",
    "declared",
    "iso",
]

# As people read of them; the documents keep this order.
SUBJECTS = (messages, conversations, contacts, company, live, connection, widget, control)


def declared() -> list[type[Event]]:
    """Every frame that has a type of its own, in the order of its declaration; the server's own are among them."""
    return [
        found
        for subject in SUBJECTS
        for found in vars(subject).values()
        if isinstance(found, type) and issubclass(found, Event) and found.__module__ == subject.__name__
        if not found.model_fields["type"].is_required()
    ]
