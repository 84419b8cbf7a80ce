"""A WhatsApp of our own: it checks what is sent as Meta would, signs what it posts, and misbehaves when it is told to.

`Simulator` is the world (customers' phones, templates, files, moods); `whatsapp_http` speaks for it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from niochat.simulators import world
from niochat.simulators.server import Refusal

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
        "name": "pedido_pronto",
        "language": "pt_BR",
        "status": "APPROVED",
        "category": "UTILITY",
        "components": [
            {"type": "HEADER", "format": "IMAGE"},
            {"type": "BODY", "text": "Oi, {{1}}! Seu pedido está pronto, como na foto."},
            {
                "type": "BUTTONS",
                "buttons": [
                    {"type": "QUICK_REPLY", "text": "Vou buscar"},
                    {"type": "URL", "text": "Acompanhar", "url": "https://loja.example/pedidos/{{1}}"},
                ],
            },
        ],
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
class Moods(world.Moods):
    """`statuses`: whether it reports on what was sent, with `auto_read` up to read."""

    statuses: bool = True
    auto_read: bool = False


class GraphError(Refusal):
    """A refusal in Meta's words."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(status, message, code=code)


class Simulator(world.World):
    """One business number and the phones that write to it."""

    moods_type = Moods
    moods: Moods

    def __init__(
        self,
        webhook: str,
        *,
        access_token: str,
        app_secret: str,
        phone_number_id: str = "100000000000001",
        waba_id: str = "200000000000002",
    ) -> None:
        super().__init__()
        self.webhook, self.access_token, self.app_secret = webhook, access_token, app_secret
        self.phone_number_id, self.waba_id = phone_number_id, waba_id
        self.templates = [dict(one) for one in DEMO_TEMPLATES]
        self.media: dict[str, tuple[str, bytes]] = {}

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
                self.check_head(known, template)
                self.check_links(known, template)
                return
        raise GraphError(404, 132001, "Template name does not exist in the translation")

    def check_head(self, known: Item, template: Item) -> None:
        """A picture, film or document above the text comes with each message."""
        kind = next(
            (part["format"].lower() for part in known["components"] if part.get("format", "TEXT") != "TEXT"), ""
        )
        given = self.head_of(template)
        if (given or {}).get("type", "") != kind:
            raise GraphError(400, 132012, "Parameter format does not match format in the created template")
        if given and given[kind].get("id") not in self.media:
            raise GraphError(400, 131053, "Media upload error")

    def check_links(self, known: Item, template: Item) -> None:
        """A link with a place in it wants what belongs there."""
        buttons = [one for part in known["components"] for one in part.get("buttons", [])]
        wanted = {str(index) for index, one in enumerate(buttons) if "{{" in one.get("url", "")}
        parts = [one for one in template.get("components", []) if one.get("sub_type") == "url"]
        if wanted != {one["index"] for one in parts}:
            raise GraphError(400, 132000, "Number of parameters does not match the expected number of params")

    def head_of(self, template: Item) -> Item | None:
        heads = [one["parameters"][0] for one in template.get("components", []) if one["type"] == "header"]
        found: Item | None = next((one for one in heads if one["type"] != "text"), None)
        return found

    def seen_as(self, kind: str, body: Item) -> Item:
        """What the phone shows of it."""
        content = body[kind]
        if kind == "template":
            head = self.head_of(content)
            media = {"media": f"/_media/{head[head['type']]['id']}"} if head else {}
            return {"text": self.template_text(content), "context": body.get("context"), **media}
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
            if part["type"] != "body":
                continue
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
        self.dispatch(self.webhook, json.dumps(whole).encode(), after=after)

    def proof(self, parcel: world.Parcel) -> Mapping[str, str]:
        signature = hmac.new(self.app_secret.encode(), parcel.raw, hashlib.sha256).hexdigest()
        return {"X-Hub-Signature-256": f"sha256={signature}"}
