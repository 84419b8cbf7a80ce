"""The sysZap family, `/ws?companyId=…`: WhatsApp's words, every id a string, `{type, data}`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypedDict
from urllib.parse import urljoin

from django.conf import settings

from realtime import commands, events, streams
from realtime.families.base import Data, Family
from realtime.families.newcomers import newcomers_of
from realtime.families.words import Auth, is_public, now, without_cursors

INPUTS = commands.table(Auth, commands.Ping)
TYPES = {"text": 0, "image": 1, "audio": 2, "video": 3, "document": 4, "location": 5, "contacts": 6, "sticker": 7}
TEXT = 0
IN, OUT = 0, 1

SYSZAP = Family("syszap", without_cursors)


class QrCodeData(TypedDict):
    sessionId: str
    qrCode: str
    timestamp: str


class QrCode(TypedDict):
    type: Literal["qr_code"]
    data: QrCodeData


class SessionStatusData(TypedDict):
    sessionId: str
    status: Literal["connected", "disconnected", "qr", "connecting"]
    timestamp: str


class SessionStatus(TypedDict):
    type: Literal["session_status"]
    data: SessionStatusData


class Chat(TypedDict):
    WA_Chat_Id: str


class Client(TypedDict):
    Name: str
    WhatsApp_Number: str


class NewMessageData(TypedDict):
    Id: str
    Chat_Id: str
    Direction: int
    Type: int
    Body: str
    Chat: Chat
    Client: Client
    timestamp: str


class NewMessage(TypedDict):
    type: Literal["new_message"]
    data: NewMessageData


class NewClientData(TypedDict):
    Id: str
    Name: str
    WhatsApp_Number: str
    Profile_Pic_URL: str | None
    Company_Id: str
    timestamp: str


class NewClient(TypedDict):
    type: Literal["new_client"]
    data: NewClientData


class ClientUpdateData(TypedDict):
    Id: str
    Name: str
    WhatsApp_Number: str
    Profile_Pic_URL: str | None
    Last_Contact_At: str
    timestamp: str


class ClientUpdate(TypedDict):
    type: Literal["client_update"]
    data: ClientUpdateData


class PongData(TypedDict):
    timestamp: str


class Pong(TypedDict):
    type: Literal["pong"]
    data: PongData


class ErrorData(TypedDict):
    code: str
    error: str


class Error(TypedDict):
    type: Literal["error"]
    data: ErrorData


def number_of(contact: Data) -> str:
    """A phone number's digits; empty for somebody who has none."""
    return "".join(character for character in contact["phone"] if character.isascii() and character.isdigit())


def chat_of(contact: Data) -> Chat:
    """WhatsApp's name of a chat: by number, or, as WhatsApp does where a number is not known, by an id of its own."""
    number = number_of(contact)
    return {"WA_Chat_Id": f"{number}@c.us" if number else f"{contact['id']}@lid"}


def picture_of(contact: Data) -> str | None:
    """A link to the photo that is good from anywhere."""
    return urljoin(f"{settings.PUBLIC_URL}/", contact["avatar_url"]) if contact["avatar_url"] else None


def new_client(contact: Data, tenant_id: int, moment: str) -> NewClient:
    return {
        "type": "new_client",
        "data": {
            "Id": str(contact["id"]),
            "Name": contact["name"],
            "WhatsApp_Number": number_of(contact),
            "Profile_Pic_URL": picture_of(contact),
            "Company_Id": str(tenant_id),
            "timestamp": moment,
        },
    }


def client_update(contact: Data, last_contact_at: str, moment: str) -> ClientUpdate:
    return {
        "type": "client_update",
        "data": {
            "Id": str(contact["id"]),
            "Name": contact["name"],
            "WhatsApp_Number": number_of(contact),
            "Profile_Pic_URL": picture_of(contact),
            "Last_Contact_At": last_contact_at,
            "timestamp": moment,
        },
    }


def new_message(message: Data, contact: Data) -> NewMessage:
    return {
        "type": "new_message",
        "data": {
            "Id": str(message["id"]),
            "Chat_Id": str(message["conversation_id"]),
            "Direction": IN if message["sender_type"] == "contact" else OUT,
            "Type": TYPES.get(message["message_type"], TEXT),
            "Body": message["content"],
            "Chat": chat_of(contact),
            "Client": {"Name": contact["name"], "WhatsApp_Number": number_of(contact)},
            "timestamp": message["timestamp"],
        },
    }


@SYSZAP.word(events.ChatMessage, NewClient, NewMessage, ClientUpdate)
def chat(frame: Data) -> Iterator[NewClient | NewMessage | ClientUpdate]:
    """A message of somebody who has not been introduced yet introduces them: theirs may be a stream of its own."""
    message, contact = frame["data"]["message"], frame["data"]["contact"]
    if not is_public(message):
        return
    tenant_id, moment = streams.tenant_of(frame["stream"]), message["timestamp"]
    if newcomers_of(tenant_id).meets(contact["id"]):
        yield new_client(contact, tenant_id, moment)
    yield new_message(message, contact)
    yield client_update(contact, moment, moment)


@SYSZAP.word(events.ContactCreated, NewClient)
def contact_created(frame: Data) -> Iterator[NewClient]:
    contact = frame["data"]
    if newcomers_of(contact["tenant_id"]).introduces(contact["id"]):
        yield new_client(contact, contact["tenant_id"], contact["created_at"])


@SYSZAP.word(events.ContactUpdated, ClientUpdate)
def contact_updated(frame: Data) -> Iterator[ClientUpdate]:
    contact = frame["data"]
    yield client_update(contact, contact["last_seen_at"] or contact["created_at"], now())


@SYSZAP.word(events.SessionStatus, SessionStatus)
def session_status(frame: Data) -> Iterator[SessionStatus]:
    data = frame["data"]
    session_id = str(data["session_id"])
    yield {
        "type": "session_status",
        "data": {"sessionId": session_id, "status": data["status"], "timestamp": data["timestamp"]},
    }


@SYSZAP.word(events.QrCode, QrCode)
def qr_code(frame: Data) -> Iterator[QrCode]:
    data = frame["data"]
    session_id = str(data["session_id"])
    yield {
        "type": "qr_code",
        "data": {"sessionId": session_id, "qrCode": data["qr_code"], "timestamp": data["timestamp"]},
    }


@SYSZAP.word(events.Pong, Pong)
def pong(frame: Data) -> Iterator[Pong]:
    yield {"type": "pong", "data": {"timestamp": frame["data"]["timestamp"]}}


@SYSZAP.word(events.Error, Error)
def error(frame: Data) -> Iterator[Error]:
    yield {"type": "error", "data": {"code": frame["data"]["code"], "error": frame["data"]["error"]}}
