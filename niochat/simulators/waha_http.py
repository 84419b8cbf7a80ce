"""The addresses of WAHA: `/api/…`."""

from __future__ import annotations

from niochat.simulators.gateway_door import GatewayHandler
from niochat.simulators.server import Call, Item, Refusal
from niochat.simulators.speech import waha as speech

SENDS = {
    "sendText": "text", "sendImage": "image", "sendVideo": "video", "sendVoice": "audio", "sendFile": "document",
    "sendLocation": "location",
}  # fmt: skip


class WahaHandler(GatewayHandler):
    def called(self, call: Call) -> None:
        given, parts = call.json, call.parts[1:]
        match parts:
            case ["sessions", *_rest]:
                return self.sessions(call.method, parts[1:], given)
            case [verb] if call.method == "POST" and verb in SENDS:
                self.known(given["session"])
                return self.send(given["session"], SENDS[verb], given["chatId"].partition("@")[0], given)
            case ["files", _session, message_id]:
                kind, content = self.file_of(message_id)
                return self.answer(200, content, kind)
            case [name, "auth", "qr"]:
                return self.json({"value": self.world.sessions[name].code})
            case [name, "presence", chat, "subscribe"]:
                self.known(name)
                self.world.sessions[name].heard.add(chat.partition("@")[0])
                return self.json({})
            case ["contacts", "profile-picture"]:
                phone = call.query["contactId"].partition("@")[0]
                return self.json({"profilePictureURL": self.photo_url(phone)})
        noted = {"kind": "delete", "messageId": parts[-1]} if call.method == "DELETE" else {"kind": parts[0], **given}
        self.world.sent.append(noted)
        return self.json({})

    def receipt(self, to: str, message_id: str) -> Item:
        return {"id": f"true_{to}@c.us_{message_id}"}

    def sessions(self, method: str, parts: list[str], given: Item) -> None:
        world = self.world
        name = parts[0] if parts else given["name"]
        if method == "POST" and not parts:
            if name in world.sessions:
                raise Refusal(422, f"Session '{name}' already exists. Use PUT to update it.")
            world.start(name, *hook_of(given))
            return self.json({"name": name, "status": "STARTING"}, 201)
        self.known(name)
        if method == "PUT":
            world.hook(world.sessions[name], *hook_of(given))
        elif method == "POST":
            self.move(parts[1], name)
        told = world.speech.connection(world.sessions[name])
        return self.json(told["payload"] | {"me": told["me"]})

    def known(self, name: str) -> None:
        if name not in self.world.sessions:
            raise Refusal(404, "Session not found")

    def unready(self, name: str) -> Refusal:
        words = "Session status is not as expected. Try again later or restart the session"
        status = speech.STATES[self.world.sessions[name].state]
        return Refusal(422, words, session=name, found=status, expected=["WORKING"])

    def refused(self, refusal: Refusal) -> Item:
        return {"statusCode": refusal.status, "error": refusal.message, **refusal.more}

    def move(self, verb: str, name: str) -> None:
        if verb == "logout":
            self.world.drop(name, "stopped")
        elif verb == "restart":
            self.world.restart(name)
        else:
            self.world.start(name)


def hook_of(given: Item) -> tuple[str, dict[str, str], list[str]]:
    """Where a session is to post to, with which headers, and what."""
    hook = given["config"]["webhooks"][0]
    return hook["url"], {one["name"]: one["value"] for one in hook["customHeaders"]}, hook["events"]
