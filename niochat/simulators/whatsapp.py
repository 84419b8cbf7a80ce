"""A WhatsApp of our own: it checks what is sent as Meta would, signs what it posts, and misbehaves when it is told to.

`Simulator` is the world (customers' phones, templates, files, moods); `http` speaks for it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import secrets
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

Item = dict[str, Any]
KINDS = ("text", "image", "audio", "video", "document", "sticker", "location", "contacts", "interactive", "template")
DEMO_TEMPLATES: list[Item] = [
    {
        "name": "pedido_a_caminho",
        "language": "pt_BR",
        "status": "APPROVED",
        "category": "UTILITY",
        "components": [
            {"type": "BODY", "text": "Oi, {{1}}! Seu pedido {{2}} saiu para entrega e chega hoje."},
            {"type": "FOOTER", "text": "Loja Aurora"},
        ],
    },
    {
        "name": "retomar_conversa",
        "language": "pt_BR",
        "status": "APPROVED",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Oi, {{1}}! Podemos continuar a nossa conversa?"}],
    },
    {
        "name": "novidades",
        "language": "pt_BR",
        "status": "PENDING",
        "category": "MARKETING",
        "components": [{"type": "BODY", "text": "Chegaram plantas novas. Venha ver!"}],
    },
]


@dataclass
class Moods:
    """How the provider behaves. `answers` are taken one by one by the next calls that send; see `http.MOODS`."""

    answers: deque[str] = field(default_factory=deque)
    duplicates: float = 0.0
    shuffled: bool = False
    delay_s: float = 0.0
    wrong_signature: bool = False
    media_expired: bool = False
    statuses: bool = True
    auto_read: bool = False


class GraphError(Exception):
    """A refusal in Meta's words."""

    def __init__(self, status: int, code: int, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(message)


class Simulator:
    """One business number and the phones that write to it."""

    def __init__(
        self,
        webhook: str,
        *,
        access_token: str,
        app_secret: str,
        phone_number_id: str = "100000000000001",
        waba_id: str = "200000000000002",
    ) -> None:
        self.webhook, self.access_token, self.app_secret = webhook, access_token, app_secret
        self.phone_number_id, self.waba_id = phone_number_id, waba_id
        self.moods = Moods()
        self.templates = [dict(one) for one in DEMO_TEMPLATES]
        self.sent: list[Item] = []
        self.shown: list[Item] = []
        self.media: dict[str, tuple[str, bytes]] = {}
        self.answers: list[int] = []
        self.chance = random.Random(1)  # noqa: S311 - which delivery comes twice is no secret
        self.changed = threading.Condition()
        self.outbox: deque[tuple[float, bytes]] = deque()
        self.stopping = False
        self.poster = threading.Thread(target=self._post_all, name="simulated-webhooks", daemon=True)
        self.poster.start()

    def stop(self) -> None:
        with self.changed:
            self.stopping = True
            self.changed.notify_all()
        self.poster.join(5)

    # --- what our product sends

    def take(self, body: Item) -> Item:
        """A call of `messages`: checked as Meta does, shown on the phone, and reported on."""
        if body.get("messaging_product") != "whatsapp":
            raise GraphError(400, 100, "(#100) messaging_product is required")
        if body.get("status") == "read":
            self.show({"event": "typing" if "typing_indicator" in body else "seen", "id": body.get("message_id")})
            return {"success": True}
        to = body.get("to") or body.get("recipient")
        kind = body.get("type")
        if not to:
            raise GraphError(400, 131008, "Parameter 'to' is missing")
        if kind == "reaction":
            return self.accepted(to, {"event": "reaction", **body["reaction"]}, body)
        if kind not in KINDS or kind not in body:
            raise GraphError(400, 131009, f"Parameter value is not valid: type {kind}")
        if kind == "template":
            self.check_template(body["template"])
        return self.accepted(to, {"event": "message", "type": kind, **self.seen_as(kind, body)}, body)

    def check_template(self, template: Item) -> None:
        for known in self.templates:
            if (known["name"], known["language"]) == (template["name"], template["language"]["code"]):
                if known["status"] != "APPROVED":
                    raise GraphError(400, 132015, "Template is paused")
                return
        raise GraphError(404, 132001, "Template name does not exist in the translation")

    def seen_as(self, kind: str, body: Item) -> Item:
        """What the phone shows of it."""
        content = body[kind]
        if kind == "template":
            return {"text": self.template_text(content), "context": body.get("context")}
        if kind == "interactive":
            buttons = [one["reply"] for one in content["action"]["buttons"]]
            return {"text": content["body"]["text"], "buttons": buttons}
        if kind in ("image", "audio", "video", "document", "sticker"):
            if content["id"] not in self.media:
                raise GraphError(400, 131053, "Media upload error")
            return {
                "text": content.get("caption", ""),
                "media": f"/_media/{content['id']}",
                "context": body.get("context"),
            }
        text = content.get("body", "") if kind == "text" else json.dumps(content, ensure_ascii=False)
        return {"text": text, "context": body.get("context")}

    def template_text(self, template: Item) -> str:
        known = next(one for one in self.templates if one["name"] == template["name"])
        text = "\n".join(part.get("text", "") for part in known["components"])
        for part in template.get("components", []):
            for index, given in enumerate(part.get("parameters", []), 1):
                text = text.replace("{{%d}}" % index, given["text"])  # noqa: UP031 - the braces are the template's
        return text

    def accepted(self, to: str, shown: Item, body: Item) -> Item:
        wamid = f"wamid.SIM{secrets.token_hex(10)}"
        with self.changed:
            self.sent.append({"wamid": wamid, **body})
        self.show({"to": to, "id": wamid, "from_business": True, **shown})
        ours = body.get("biz_opaque_callback_data", "")
        if self.moods.statuses and shown["event"] == "message":
            states = ["sent", "delivered", *(["read"] if self.moods.auto_read else [])]
            for number, state in enumerate(states):
                self.report(wamid, to, state, ours, after=0.2 * (number + 1))
        return {
            "messaging_product": "whatsapp",
            "contacts": [{"input": to, "wa_id": to}],
            "messages": [{"id": wamid}],
        }

    def upload(self, content: bytes, content_type: str) -> str:
        media_id = str(secrets.randbelow(10**15))
        self.media[media_id] = (content_type, content)
        return media_id

    # --- what customers do

    def say(self, phone: str, name: str, message: Item, *, wamid: str = "") -> str:
        """A customer's phone sends something; `message` has `type` and what belongs to it."""
        wamid = wamid or f"wamid.IN{secrets.token_hex(10)}"
        written = {"from": phone, "id": wamid, "timestamp": str(int(time.time())), **message}
        media_id = str(message.get(str(message.get("type")), {}).get("id", ""))
        picture = {"media": f"/_media/{media_id}"} if media_id in self.media else {}
        self.show({"event": "said", "id": wamid, "to": phone, **picture, **message})
        self.post({"contacts": [{"profile": {"name": name}, "wa_id": phone}], "messages": [written]})
        return wamid

    def report(self, wamid: str, to: str, status: str, ours: str = "", *, after: float = 0.0, **more: Any) -> None:
        """Say how far a message of the business has come."""
        told = {"id": wamid, "status": status, "timestamp": str(int(time.time())), "recipient_id": to, **more}
        if ours:
            told["biz_opaque_callback_data"] = ours
        self.show({"event": "status", "id": wamid, "status": status, "to": to})
        self.post({"statuses": [told]}, after=after)

    # --- what is posted

    def post(self, value: Mapping[str, Any], *, after: float = 0.0) -> None:
        """Put a delivery into the post, once or, in that mood, twice."""
        metadata = {"display_phone_number": "5511900000000", "phone_number_id": self.phone_number_id}
        change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
        whole = {"object": "whatsapp_business_account", "entry": [{"id": self.waba_id, "changes": [change]}]}
        raw = json.dumps(whole).encode()
        due = time.monotonic() + after + self.moods.delay_s
        with self.changed:
            self.outbox.append((due, raw))
            if self.chance.random() < self.moods.duplicates:
                self.outbox.append((due, raw + b" "))
            self.changed.notify_all()

    def _post_all(self) -> None:
        while raw := self._next():
            self.answers.append(self._post(raw))

    def _next(self) -> bytes | None:
        """The next delivery that is due, or any of them in a shuffled mood; None at the end."""
        with self.changed:
            while not self.stopping:
                now = time.monotonic()
                due = [entry for entry in self.outbox if entry[0] <= now]
                if due:
                    chosen = self.chance.choice(due) if self.moods.shuffled else min(due, key=lambda one: one[0])
                    self.outbox.remove(chosen)
                    return chosen[1]
                self.changed.wait(0.05 if self.outbox else 1.0)
        return None

    def _post(self, raw: bytes) -> int:
        """Post it, signed; the status of the answer, 0 for none. What is not taken comes again, as Meta does it."""
        secret = "wrong" if self.moods.wrong_signature else self.app_secret
        signature = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        parts = urlsplit(self.webhook)
        try:
            connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=10)
            headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}
            connection.request("POST", parts.path, raw, headers)
            status = connection.getresponse().status
            connection.close()
        except OSError:
            status = 0
        if status in (0, 500, 502, 503):
            with self.changed:
                self.outbox.append((time.monotonic() + 1.0, raw))
        return status

    # --- what the phone shows

    def show(self, event: Item) -> None:
        with self.changed:
            self.shown.append({"number": len(self.shown) + 1, "at": time.time(), **event})
            self.changed.notify_all()

    def shown_after(self, number: int, wait_s: float) -> list[Item]:
        """What the phone shows beyond this number; waits for the next if there is nothing yet."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.shown) > number or self.stopping, timeout=wait_s)
            return self.shown[number:]

    def quiet(self, timeout: float = 10.0) -> bool:
        """Wait until everything has been posted."""
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            with self.changed:
                if not self.outbox:
                    return True
            time.sleep(0.02)
        return False
