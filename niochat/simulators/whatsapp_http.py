"""The simulated WhatsApp's server: Meta's addresses."""

from __future__ import annotations

import base64
from typing import Any

from niochat.simulators.server import Call, Handler, Item, Refusal, Server, Upload
from niochat.simulators.whatsapp import GraphError, Simulator


class WhatsAppHandler(Handler[Simulator]):
    refusals = {
        "throttled": GraphError(429, 130429, "Rate limit hit"),
        "pair": GraphError(429, 131056, "Too many messages to this person"),
        "trouble": GraphError(500, 131000, "Something went wrong"),
        "token": GraphError(401, 190, "Error validating access token: the session has expired"),
        "window": GraphError(400, 131047, "More than 24 hours have passed since the customer last replied"),
        "undeliverable": GraphError(400, 131026, "Message undeliverable"),
        "blocked": GraphError(403, 368, "Temporarily blocked for policies violations"),
    }

    def refused(self, refusal: Refusal) -> Item:
        code = refusal.more.get("code", 100)
        told = {"message": refusal.message, "type": "OAuthException", "code": code, "fbtrace_id": "SIM"}
        return {"error": told}

    def answered(self, call: Call) -> None:
        if call.parts[0] == "_media":
            return self.file(call.parts[1], public="Authorization" not in call.headers)
        if call.headers.get("Authorization") != f"Bearer {self.world.access_token}":
            raise GraphError(401, 190, "Invalid OAuth access token")
        return self.read(*call.parts[-2:]) if call.method == "GET" else self.written(call)

    # --- reading

    def read(self, where: str, name: str) -> None:
        world = self.world
        if (where, name) == (world.waba_id, "message_templates"):
            return self.json({"data": world.templates, "paging": {"cursors": {"after": "end"}}})
        if name == world.phone_number_id:
            facts = {"display_phone_number": "+55 11 90000-0000", "verified_name": "Loja Aurora"}
            return self.json({**facts, "quality_rating": "GREEN", "messaging_limit_tier": "TIER_10K", "id": name})
        if name in world.media and not world.moods.media_expired:
            kind, content = world.media[name]
            url = f"http://{self.headers['Host']}/_media/{name}"
            return self.json({"url": url, "mime_type": kind, "file_size": len(content), "id": name})
        raise GraphError(404, 100, "Unsupported get request. Object does not exist")

    def file(self, name: str, *, public: bool) -> None:
        found = self.world.media.get(name)
        if found is None or (self.world.moods.media_expired and not public):
            return self.answer(404, b"", "text/plain")
        return self.answer(200, found[1], found[0])

    # --- writing

    def written(self, call: Call) -> None:
        match call.parts[-2:]:
            case [self.world.phone_number_id, "media"]:
                return self.json({"id": self.upload(call.form["file"])})
            case [self.world.phone_number_id, "messages"]:
                body = call.json
                return (
                    self.sending(lambda: self.world.take(body)) if "type" in body else self.json(self.world.take(body))
                )
        raise GraphError(404, 100, "Unsupported post request")

    def upload(self, file: Upload) -> str:
        return self.world.upload(file.content, file.content_type)

    # --- commands

    def command_say(self, given: Item) -> Item:
        """A customer writes: `phone`, `name`, `message`; a file comes as `data` (base64) and `mime_type`."""
        message: dict[str, Any] = given["message"]
        if data := given.get("data"):
            media_id = self.world.upload(base64.b64decode(data), given["mime_type"])
            told = {"id": media_id, "mime_type": given["mime_type"]}
            message[message["type"]] = told | message.get(message["type"], {})
        return {"id": self.world.say(given["phone"], given["name"], message)}

    def command_report(self, given: Item) -> None:
        """How far a message of the business has come: `id`, `to`, `status`, `errors`, `ours` (its number with us)."""
        told = {"errors": given.get("errors", []), "ours": given.get("ours", "")}
        self.world.report(given["id"], given["to"], given["status"], **told)


class WhatsAppServer(Server[Simulator]):
    handler = WhatsAppHandler
