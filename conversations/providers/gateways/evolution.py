"""The adapter of Evolution API v2: an instance is the session, named in the path of every call."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import default_storage

from conversations.models import Attachment, Delivery, Inbox, Message, Sender
from conversations.providers.base import Fetched, Outcome
from conversations.providers.calling import taken
from conversations.providers.gateways import calls, evolution_reading, jids
from conversations.providers.gateways.base import NOT_FOUND, SECRET_HEADER, Gateway, SessionGone, Standing
from conversations.providers.gateways.calls import Answer
from conversations.providers.happenings import AnyHappening
from conversations.providers.reading import object_of, objects_of, text_of
from conversations.providers.speaking import spoken
from conversations.providers.whatsapp.writing import kind_of
from conversations.reasons import Reason

# It answers a call to show that somebody writes only after that time, and shows it no longer.
TYPING_MS = 4000
NO_JSON = "\ufffd"
TAKEN = (403, 409)
# Possessive, and an open string matches too: linear, and nothing of a key that was cut off is left.
OWN_KEY = re.compile(r'("apikey"\s*+:\s*+)"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.IGNORECASE | re.DOTALL)


class EvolutionProvider(Gateway):
    """One instance on an Evolution API."""

    slug = "evolution"
    typing_s = 12
    events = (
        "QRCODE_UPDATED", "CONNECTION_UPDATE", "LOGOUT_INSTANCE", "REMOVE_INSTANCE", "MESSAGES_UPSERT",
        "MESSAGES_UPDATE", "MESSAGES_DELETE", "MESSAGES_EDITED", "CONTACTS_UPDATE", "CALL",
    )  # fmt: skip
    typing_events = ("PRESENCE_UPDATE",)

    # --- in

    def kept(self, raw: bytes) -> bytes:
        """Without the `apikey` that it sends along with every delivery; else as it came, so that what is no JSON, or
        says something twice, stays so. What is not even text becomes text that is no JSON.
        """
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = NO_JSON + raw.decode(errors="replace")
        if "\x00" in text:  # Another character set, perhaps: its letters would hide the key.
            text = NO_JSON + text.replace("\x00", "")
        return OWN_KEY.sub(r'\1""', text).encode()

    def parse(self, raw: bytes) -> list[AnyHappening]:
        return evolution_reading.parse(raw)

    # --- the session

    def start(self, inbox: Inbox, webhook: str) -> Standing:
        name = self.account_id(inbox)
        hook = self.webhook(inbox, webhook)
        body = {"instanceName": name, "integration": "WHATSAPP-BAILEYS", "qrcode": True, "webhook": hook}
        made = self.call(inbox, "POST", "/instance/create", json=body)
        if made.outcome is None:
            return self.with_code(object_of(made.object.get("qrcode")))
        if made.status not in TAKEN:
            calls.done(made)
        calls.done(self.named(inbox, "POST", "/webhook/set", json={"webhook": {"enabled": True, **hook}}))
        return self.understood(did(self.named(inbox, "GET", "/instance/connect")))

    def webhook(self, inbox: Inbox, url: str) -> dict[str, Any]:
        headers = {SECRET_HEADER: inbox.account.secret("webhook_secret"), "Content-Type": "application/json"}
        return {"url": url, "byEvents": False, "base64": False, "headers": headers, "events": self.events_for(inbox)}

    def standing(self, inbox: Inbox) -> Standing:
        told = self.named(inbox, "GET", "/instance/connectionState")
        if told.status == NOT_FOUND:
            return Standing("disconnected")
        return self.understood(calls.done(told))

    def understood(self, answer: Answer) -> Standing:
        if state := text_of(object_of(answer.object.get("instance")).get("state"), 20):
            return Standing(evolution_reading.STATES.get(state, "disconnected"))  # type: ignore[arg-type]
        return self.with_code(answer.object)

    def with_code(self, told: Mapping[str, Any]) -> Standing:
        code, image = text_of(told.get("code"), 1000), text_of(told.get("base64"), 200_000)
        if code or image:
            return Standing("qr", code, image, evolution_reading.QR_LIVES_S)
        return Standing("connecting")

    def restart(self, inbox: Inbox) -> None:
        """One without a phone it does not restart; that, and some other refusals, it answers with 200."""
        answer = self.named(inbox, "POST", "/instance/restart")
        if self.is_gone(answer) or is_refusal(answer):
            raise SessionGone
        calls.done(answer)

    def logout(self, inbox: Inbox) -> None:
        """Part the phone, and throw the instance away: the next start makes a new one with the webhook of that day."""
        for path in ("/instance/logout", "/instance/delete"):
            answer = self.named(inbox, "DELETE", path)
            if answer.status not in (NOT_FOUND, 400):  # 400: it was not connected.
                calls.done(answer)

    # --- out

    def send(self, inbox: Inbox, message: Message) -> Outcome:
        path, body = self.body_of(message)
        if quoted := self.quoted_by(message):
            body["quoted"] = {"key": self.key_of(quoted, self.address_of(message))}
            body["quoted"]["message"] = {"conversation": quoted.content[:1000]}
        answer = self.named(inbox, "POST", path, json={"number": self.address_of(message), **body})
        return self.refusal_of(answer) or taken(text_of(object_of(answer.object.get("key")).get("id"), 200))

    def body_of(self, message: Message) -> tuple[str, dict[str, Any]]:
        """Where a message goes, and what stands in it."""
        files = list(message.attachments.all())
        if files:
            return self.media_of(message, files[0])
        if place := message.metadata.get("location"):
            named = {"name": place.get("name", ""), "address": place.get("address", "")}
            return "/message/sendLocation", {**named, "latitude": place["latitude"], "longitude": place["longitude"]}
        return "/message/sendText", {"text": with_choices(spoken(message), message.metadata.get("buttons"))}

    def media_of(self, message: Message, file: Attachment) -> tuple[str, dict[str, Any]]:
        with default_storage.open(file.key) as content:
            encoded = base64.b64encode(content.read()).decode()
        kind = kind_of(file)
        if kind == "audio":
            return "/message/sendWhatsAppAudio", {"audio": encoded}
        named = {"mimetype": file.content_type, "fileName": file.name, "caption": message.content}
        return "/message/sendMedia", {"mediatype": kind, "media": encoded, **named}

    def key_of(self, message: Message, address: str) -> dict[str, Any]:
        ours = message.sender_type != Sender.CONTACT
        return {"remoteJid": jids.jid_of(address), "fromMe": ours, "id": message.provider_id}

    def react(self, inbox: Inbox, message: Message, address: str, emoji: str) -> Outcome:
        body = {"key": self.key_of(message, address), "reaction": emoji}
        return calls.harmless(self.named(inbox, "POST", "/message/sendReaction", json=body))

    def delete(self, inbox: Inbox, message: Message, address: str) -> Outcome:
        body = self.key_of(message, address)
        return calls.harmless(self.named(inbox, "DELETE", "/chat/deleteMessageForEveryone", json=body))

    def mark_read(self, inbox: Inbox, provider_id: str, *, typing: bool) -> Outcome:
        address = self.writer_of(inbox, provider_id)
        if typing:
            shown = {"number": address, "delay": TYPING_MS, "presence": "composing"}
            return calls.harmless(self.named(inbox, "POST", "/chat/sendPresence", json=shown))
        common = {"remoteJid": jids.jid_of(address), "fromMe": False}
        body = {"readMessages": [{**common, "id": one} for one in self.unread_by(inbox, provider_id)]}
        return calls.harmless(self.named(inbox, "POST", "/chat/markMessageAsRead", json=body), Delivery.READ)

    def listen(self, inbox: Inbox, address: str) -> Outcome:
        """It subscribes to whom it shows something; that we do not write is nothing to see."""
        body = {"number": address, "delay": 0, "presence": "paused"}
        return calls.harmless(self.named(inbox, "POST", "/chat/sendPresence", json=body))

    # --- around it

    def fetch(self, inbox: Inbox, reference: Mapping[str, str]) -> Fetched:
        body = {"message": {"key": {"id": reference["id"]}}, "convertToMp4": False}
        answer = self.named(inbox, "POST", "/chat/getBase64FromMediaMessage", json=body)
        told = answer.object
        return calls.file_of(answer, told.get("base64"), told.get("mimetype"), told.get("fileName"))

    def photo(self, inbox: Inbox, address: str) -> Fetched | None:
        answer = self.named(inbox, "POST", "/chat/fetchProfilePictureUrl", json={"number": address})
        url = text_of(answer.object.get("profilePictureUrl"), 2000)
        return None if answer.outcome else self.photo_at(inbox, url)

    def named(self, inbox: Inbox, method: str, path: str, **content: Any) -> Answer:
        """A call about the inbox's instance."""
        return self.call(inbox, method, f"{path}/{quote(self.account_id(inbox), safe='')}", **content)

    def call(self, inbox: Inbox, method: str, path: str, **content: Any) -> Answer:
        return calls.call(lambda: self.place(inbox), "apikey", method, path, **content)

    def place(self, inbox: Inbox) -> calls.Place:
        return calls.place_of(inbox, settings.EVOLUTION_URL, settings.EVOLUTION_API_KEY)


def is_refusal(answer: Answer) -> bool:
    """Whether an answer that looks well says that it is none; why, it does not say."""
    return answer.object.get("error") is True


def did(answer: Answer) -> Answer:
    """The answer of a call about the session; raises GatewayTrouble for a refusal, of whatever status."""
    if is_refusal(calls.done(answer)):
        raise calls.GatewayTrouble(Reason("not_started"))
    return answer


def with_choices(text: str, buttons: Any) -> str:
    """WhatsApp shows no buttons of sessions like these: what could be pressed is written out."""
    return "\n".join([text, *(f"• {one['title']}" for one in objects_of(buttons))])
