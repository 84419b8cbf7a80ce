"""An async client for NioChat: what happens in a helpdesk, once and in order, whatever breaks meanwhile.

async with NioChatClient("http://localhost:8010", username="agent", password="…") as client:
    async for event in client:
        match event:
            case ChatMessage(message=Message(sender="customer") as message):
                await client.send_message(message.conversation_id, "Hello!")
"""

from niochat_client.backoff import Backoff
from niochat_client.client import NioChatClient, Sent
from niochat_client.credentials import Credentials
from niochat_client.errors import (
    ApiError,
    AuthenticationFailed,
    ClientClosed,
    ConnectionEnded,
    FrameTooLarge,
    NioChatError,
    QueueFull,
    Refused,
)
from niochat_client.events import (
    AuditLog,
    ChatMessage,
    ContactCreated,
    ContactsOnline,
    ContactStatus,
    ContactUpdated,
    ConversationUpdated,
    CsatUpdate,
    DashboardMetrics,
    DirectoryUpdated,
    Event,
    MessageDeleted,
    MessageReaction,
    MessageRead,
    MessageStatus,
    MessageUpdated,
    QrCode,
    SessionStatus,
    Snapshot,
    Typing,
    UserStatus,
    Viewers,
)
from niochat_client.life import State
from niochat_client.rest import Rest
from niochat_client.shapes import Attachment, Contact, ContactRef, Conversation, Failure, Message, Person
from niochat_client.store import FileStore, MemoryStore, Position, Store

__all__ = [
    "ApiError",
    "Attachment",
    "AuditLog",
    "AuthenticationFailed",
    "Backoff",
    "ChatMessage",
    "ClientClosed",
    "ConnectionEnded",
    "Contact",
    "ContactCreated",
    "ContactRef",
    "ContactStatus",
    "ContactUpdated",
    "ContactsOnline",
    "Conversation",
    "ConversationUpdated",
    "Credentials",
    "CsatUpdate",
    "DashboardMetrics",
    "DirectoryUpdated",
    "Event",
    "Failure",
    "FileStore",
    "FrameTooLarge",
    "MemoryStore",
    "Message",
    "MessageDeleted",
    "MessageReaction",
    "MessageRead",
    "MessageStatus",
    "MessageUpdated",
    "NioChatClient",
    "NioChatError",
    "Person",
    "Position",
    "QrCode",
    "QueueFull",
    "Refused",
    "Rest",
    "Sent",
    "SessionStatus",
    "Snapshot",
    "State",
    "Store",
    "Typing",
    "UserStatus",
    "Viewers",
]
