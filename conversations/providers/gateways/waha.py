"""The adapter of WAHA (WhatsApp HTTP API): a session is named in the body or the path of every call."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.files.storage import default_storage

from conversations.models import Attachment, Delivery, Inbox, Message, Sender
from conversations.providers.base import Fetched, MediaRefused, Outcome
from conversations.providers.calling import taken
from conversations.providers.gateways import calls, jids, waha_reading
from conversations.providers.gateways.base import NOT_FOUND, SECRET_HEADER, Gateway, SessionGone, Standing
from conversations.providers.gateways.calls import Answer
from conversations.providers.gateways.evolution import with_choices
from conversations.providers.happenings import AnyHappening
from conversations.providers.reading import object_of, text_of
from conversations.providers.speaking import spoken
from conversations.providers.whatsapp.writing import kind_of

UNREADY, KNOWN = 422, (409, 422)
SENDS = {"image": "sendImage", "video": "sendVideo", "audio": "sendVoice", "document": "sendFile"}


class WahaProvider(Gateway):
    """One session on a WAHA."""

    slug = "waha"
    typing_s = 20
    events = (
        "session.status", "message.any", "message.ack", "message.reaction", "message.revoked", "message.edited",
        "call.received",
    )  # fmt: skip
    typing_events = ("presence.update",)

    def parse(self, raw: bytes) -> list[AnyHappening]:
        return waha_reading.parse(raw)

    # --- the session

    def start(self, inbox: Inbox, webhook: str) -> Standing:
        name, config = self.account_id(inbox), self.config_of(inbox, webhook)
        made = self.call(inbox, "POST", "/api/sessions", json={"name": name, "start": True, "config": config})
        if made.status in KNOWN:
            calls.done(self.named(inbox, "PUT", json={"config": config}))
            made = self.named(inbox, "POST", "/start", json={})
        if made.status not in KNOWN:  # It runs already.
            calls.done(made)
        return self.standing(inbox)

    def config_of(self, inbox: Inbox, url: str) -> dict[str, Any]:
        header = {"name": SECRET_HEADER, "value": inbox.account.secret("webhook_secret")}
        retries = {"policy": "exponential", "delaySeconds": 2, "attempts": 15}
        return {
            "webhooks": [{"url": url, "events": self.events_for(inbox), "customHeaders": [header], "retries": retries}]
        }

    def standing(self, inbox: Inbox) -> Standing:
        told = self.named(inbox, "GET")
        if told.status == NOT_FOUND:
            return Standing("disconnected")
        status = waha_reading.SESSIONS.get(text_of(calls.done(told).object.get("status"), 20), "disconnected")
        me = object_of(told.object.get("me"))
        facts = {"phone": jids.bare(text_of(me.get("id"), 60)), "profile_name": text_of(me.get("pushName"), 120)}
        if status == "qr":
            return self.with_code(inbox)
        return Standing(status, facts={name: value for name, value in facts.items() if value})  # type: ignore[arg-type]

    def with_code(self, inbox: Inbox) -> Standing:
        """The code of this moment; WAHA says that there is one, and has to be asked for it."""
        path = f"/api/{quote(self.account_id(inbox), safe='')}/auth/qr"
        answer = self.call(inbox, "GET", path, params={"format": "raw"})
        return Standing("qr", text_of(answer.object.get("value"), 1000), "", waha_reading.QR_LIVES_S)

    def restart(self, inbox: Inbox) -> None:
        answer = self.named(inbox, "POST", "/restart", json={})
        if self.is_gone(answer):
            raise SessionGone
        calls.done(answer)

    def is_gone(self, answer: Answer) -> bool:
        """Of a session that is there and does not run it says, too, which state it expected."""
        return super().is_gone(answer) or (answer.status == UNREADY and "expected" in answer.object)

    def logout(self, inbox: Inbox) -> None:
        answer = self.named(inbox, "POST", "/logout", json={})
        if answer.status not in (NOT_FOUND, *KNOWN):
            calls.done(answer)

    # --- out

    def send(self, inbox: Inbox, message: Message) -> Outcome:
        name, body = self.body_of(message)
        address = self.address_of(message)
        if quoted := self.quoted_by(message):
            body["reply_to"] = self.id_of(quoted, address)
        envelope = {"session": self.account_id(inbox), "chatId": jids.jid_of(address, "c.us")}
        answer = self.call(inbox, "POST", f"/api/{name}", json={**envelope, **body})
        return self.refusal_of(answer) or taken(sent_id(answer.object))

    def body_of(self, message: Message) -> tuple[str, dict[str, Any]]:
        """By which call a message goes, and what stands in it."""
        files = list(message.attachments.all())
        if files:
            return self.media_of(message, files[0])
        if place := message.metadata.get("location"):
            where = {"latitude": place["latitude"], "longitude": place["longitude"]}
            return "sendLocation", {**where, "title": place.get("name", "")}
        return "sendText", {"text": with_choices(spoken(message), message.metadata.get("buttons"))}

    def media_of(self, message: Message, file: Attachment) -> tuple[str, dict[str, Any]]:
        with default_storage.open(file.key) as content:
            encoded = base64.b64encode(content.read()).decode()
        kind = kind_of(file)
        body: dict[str, Any] = {"file": {"mimetype": file.content_type, "filename": file.name, "data": encoded}}
        return SENDS[kind], body if kind == "audio" else {**body, "caption": message.content}

    def id_of(self, message: Message, address: str) -> str:
        """A message's serialised id: whose it is, the chat, its own id."""
        ours = "false" if message.sender_type == Sender.CONTACT else "true"
        return f"{ours}_{jids.jid_of(address, 'c.us')}_{message.provider_id}"

    def react(self, inbox: Inbox, message: Message, address: str, emoji: str) -> Outcome:
        session = self.account_id(inbox)
        body = {"session": session, "messageId": self.id_of(message, address), "reaction": emoji}
        return calls.harmless(self.call(inbox, "PUT", "/api/reaction", json=body))

    def delete(self, inbox: Inbox, message: Message, address: str) -> Outcome:
        session, chat = self.account_id(inbox), jids.jid_of(address, "c.us")
        parts = "/".join(quote(one, safe="") for one in (session, "chats", chat, "messages"))
        path = f"/api/{parts}/{quote(self.id_of(message, address), safe='')}"
        return calls.harmless(self.call(inbox, "DELETE", path))

    def mark_read(self, inbox: Inbox, provider_id: str, *, typing: bool) -> Outcome:
        body = self.chat_of(inbox, provider_id)
        if typing:
            return calls.harmless(self.call(inbox, "POST", "/api/startTyping", json=body))
        seen = [f"false_{body['chatId']}_{one}" for one in self.unread_by(inbox, provider_id)]
        return calls.harmless(
            self.call(inbox, "POST", "/api/sendSeen", json={**body, "messageIds": seen}), Delivery.READ
        )

    def end_typing(self, inbox: Inbox, provider_id: str) -> Outcome:
        return calls.harmless(self.call(inbox, "POST", "/api/stopTyping", json=self.chat_of(inbox, provider_id)))

    def listen(self, inbox: Inbox, address: str) -> Outcome:
        chat = jids.jid_of(address, "c.us")
        path = "/".join(quote(one, safe="") for one in (self.account_id(inbox), "presence", chat, "subscribe"))
        return calls.harmless(self.call(inbox, "POST", f"/api/{path}", json={}))

    def chat_of(self, inbox: Inbox, provider_id: str) -> dict[str, str]:
        chat = jids.jid_of(self.writer_of(inbox, provider_id), "c.us")
        return {"session": self.account_id(inbox), "chatId": chat}

    # --- around it

    def fetch(self, inbox: Inbox, reference: Mapping[str, str]) -> Fetched:
        """Its files lie on itself: only the path of an address counts, whatever host it names."""
        path = urlsplit(reference.get("url", "")).path
        if not path.startswith("/api/files/") or ".." in path:
            raise MediaRefused("The gateway did not keep this file.")
        return calls.download(self.place(inbox), "X-Api-Key", path)

    def photo(self, inbox: Inbox, address: str) -> Fetched | None:
        params = {"contactId": jids.jid_of(address, "c.us"), "session": self.account_id(inbox)}
        answer = self.call(inbox, "GET", "/api/contacts/profile-picture", params=params)
        url = text_of(answer.object.get("profilePictureURL"), 2000)
        return None if answer.outcome else self.photo_at(inbox, url)

    def named(self, inbox: Inbox, method: str, path: str = "", **content: Any) -> Answer:
        """A call about the inbox's session."""
        return self.call(inbox, method, f"/api/sessions/{quote(self.account_id(inbox), safe='')}{path}", **content)

    def place(self, inbox: Inbox) -> calls.Place:
        return calls.place_of(inbox, settings.WAHA_URL, settings.WAHA_API_KEY)

    def call(self, inbox: Inbox, method: str, path: str, **content: Any) -> Answer:
        return calls.call(lambda: self.place(inbox), "X-Api-Key", method, path, **content)


def sent_id(told: Mapping[str, Any]) -> str:
    """The new message's own id, in whatever form the engine gives it."""
    given = told.get("id")
    if isinstance(given, dict):
        given = given.get("_serialized") or given.get("id")
    try:
        return waha_reading.own_id(given or object_of(told.get("key")).get("id"))
    except ValueError:
        return ""
