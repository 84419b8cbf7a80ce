"""What is the same for every simulated gateway: its key, its page, the moods of sending, and its commands."""

from __future__ import annotations

import base64
from typing import Any

from niochat.simulators.gateway import Gateway
from niochat.simulators.gateway_page import page
from niochat.simulators.server import Call, Handler, Item, Refusal


class GatewayHandler(Handler[Gateway]):
    refusals = {"throttled": Refusal(429, "Too many requests"), "trouble": Refusal(500, "Internal Server Error")}

    def refused(self, refusal: Refusal) -> Item:
        return {"status": refusal.status, "response": {"message": [refusal.message]}}

    def answered(self, call: Call) -> None:
        if call.path == "/":
            return self.answer(200, page(self.world).encode(), "text/html; charset=utf-8")
        if call.parts[0] == "_media":
            kind, content = self.file_of(call.parts[1])
            return self.answer(200, content, kind)
        if call.parts[0] == "_photo":
            return self.answer(200, self.world.photos[call.parts[1]], "image/png")
        if (call.headers.get("apikey") or call.headers.get("X-Api-Key")) != self.world.api_key:
            raise Refusal(401, "Unauthorized")
        self.world.calls.append(f"{call.method} {call.path}")
        return self.called(call)

    def called(self, call: Call) -> None:
        """Answer a call of somebody who has the key."""
        raise NotImplementedError

    def send(self, name: str, kind: str, to: str, given: Item) -> None:
        """Take a message, in the mood of the moment."""
        content = {"text": given.get("text", given.get("caption", "")), "body": given, "file": self.file_in(given)}
        self.sending(lambda: self.receipt(to, self.taken(name, to, kind, content)), 201)

    def taken(self, name: str, to: str, kind: str, content: Item) -> str:
        if self.world.sessions[name].state != "open":
            raise self.unready(name)
        return self.world.take(name, to, kind, content)

    def file_in(self, given: Item) -> tuple[str, bytes] | None:
        """The file that a message brings along: its type and content."""
        file = given.get("file") or {
            "mimetype": given.get("mimetype", "audio/ogg"),
            "data": given.get("media") or given.get("audio"),
        }
        return (file["mimetype"], base64.b64decode(file["data"])) if file["data"] else None

    def unready(self, name: str) -> Refusal:
        """What it says of a session that has no phone now."""
        return Refusal(503, "Connection Closed")

    def receipt(self, to: str, message_id: str) -> Item:
        """What is answered for a message that was taken."""
        raise NotImplementedError

    def photo_url(self, phone: str) -> str | None:
        shown = phone in self.world.photos and self.world.moods.photos
        return f"{self.server.url}/_photo/{phone}" if shown else None

    def file_of(self, message_id: str) -> tuple[str, bytes]:
        """The file of a message; raises Refusal where the gateway has it no more."""
        found = None if self.world.moods.media_expired else self.world.media.get(message_id)
        if found is None:
            raise Refusal(404, "Message not found")
        return found

    # --- commands

    def command_sessions(self, given: Item) -> Item:
        """Each session's state and current code."""
        shown = {one.name: {"state": one.state, "code": one.code} for one in self.world.sessions.values()}
        return {"sessions": shown, "sent": self.world.sent}

    def command_scan(self, given: Item) -> Item:
        """The phone of `session` scans its code."""
        return {"scanned": self.world.scan(given["session"])}

    def command_drop(self, given: Item) -> None:
        """The phone of `session` goes away; `state` says into which."""
        self.world.drop(given["session"], given.get("state", "close"))

    def command_reset(self, given: Item) -> None:
        """The gateway loses all of its sessions, and tells nobody."""
        self.world.reset()

    def command_write(self, given: Item) -> None:
        """A customer is writing in `session`: `phone`, `is_typing`."""
        self.world.write(given["session"], given["phone"], is_typing=given.get("is_typing", True))

    def command_ring(self, given: Item) -> None:
        """A customer calls `session`: `phone`, `video`."""
        self.world.ring(given["session"], given["phone"], video=given.get("video", False))

    def command_photo(self, given: Item) -> None:
        """A customer shows another photo: `session`, `phone`, `data` (base64)."""
        self.world.picture(self.session_of(given), given["phone"], base64.b64decode(given["data"]))

    def command_edit(self, given: Item) -> None:
        """What was written is changed: `session`, `phone`, `id`, `text`, `ours` on the phone itself."""
        self.world.edit(given["session"], given["phone"], given["id"], given["text"], ours=given.get("ours", False))

    def command_react(self, given: Item) -> None:
        """Somebody reacts: `session`, `phone`, `id`, `emoji`, `ours` (whose message it is), `by_us` on the phone."""
        marks = {name: given[name] for name in ("ours", "by_us") if name in given}
        self.world.react(given["session"], given["phone"], given["id"], given["emoji"], **marks)

    def command_say(self, given: Item) -> Item:
        """A customer writes to `session`: `phone`, `text`, `who`; a file as `kind`, `data` (base64), `mime_type`."""
        more: dict[str, Any] = {name: value for name, value in given.items() if name not in ("session", "phone")}
        return {"id": self.world.say(self.session_of(given), given["phone"], **more)}

    def command_report(self, given: Item) -> None:
        """How far a message of the business has come: `session`, `to`, `id`, `status`."""
        self.world.report(self.session_of(given), given["to"], given["id"], given["status"])

    def session_of(self, given: Item) -> str:
        """The session that is named, else the first whose phone is connected. Raises Refusal where there is none."""
        found = [one.name for one in self.world.sessions.values() if one.state == "open"]
        if not given.get("session") and not found:
            raise Refusal(409, "No phone is connected")
        return str(given.get("session") or found[0])
