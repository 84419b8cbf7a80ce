"""The trade's nouns. Every row belongs to one tenant; `visible_to` and `locked` are the ways in."""

from conversations.models.attachment import Attachment
from conversations.models.connection import (
    Doubt,
    MessageTemplate,
    ProviderAccount,
    SendAttempt,
    SetAside,
    WebhookDelivery,
)
from conversations.models.contact import Contact, ContactIdentity
from conversations.models.conversation import Conversation, OpenInterval, Priority, ReplyTime, Status
from conversations.models.inbox import Channel, Connection, Inbox
from conversations.models.message import Delivery, Kind, Message, MessagePart, Reaction, ReadMark, Sender
from conversations.models.organising import Label, Team
from conversations.models.plain import plain
from conversations.models.receiving import Between, between
from conversations.models.storing import store_received, store_reply
from conversations.models.survey import Survey

__all__ = [
    "Attachment",
    "Between",
    "Channel",
    "Connection",
    "Contact",
    "ContactIdentity",
    "Conversation",
    "Delivery",
    "Doubt",
    "Inbox",
    "Kind",
    "Label",
    "Message",
    "MessagePart",
    "MessageTemplate",
    "OpenInterval",
    "Priority",
    "ProviderAccount",
    "Reaction",
    "ReadMark",
    "ReplyTime",
    "SendAttempt",
    "Sender",
    "SetAside",
    "Status",
    "Survey",
    "Team",
    "WebhookDelivery",
    "between",
    "plain",
    "store_received",
    "store_reply",
]
