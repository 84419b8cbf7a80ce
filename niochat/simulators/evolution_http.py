"""The addresses of Evolution API: `/<room>/<call>/<instance>`."""

from __future__ import annotations

import base64

from niochat.simulators.gateway_door import GatewayHandler
from niochat.simulators.server import Call, Item, Refusal
from niochat.simulators.speech import evolution as speech

SENDS = {"sendText": "text", "sendMedia": "media", "sendWhatsAppAudio": "audio", "sendLocation": "location"}


class EvolutionHandler(GatewayHandler):
    def called(self, call: Call) -> None:
        given = call.json
        if call.parts == ["instance", "create"]:
            return self.create(given)
        room, verb, name = call.parts
        if name not in self.world.sessions:
            raise Refusal(404, f'The "{name}" instance does not exist')
        if room == "message" and verb in SENDS:
            return self.send(name, SENDS[verb], given["number"], given)
        act = getattr(self, f"{room}_{verb}", None) or self.noted
        if act == self.noted:
            given["kind"] = verb
        return self.json(act(name, given) or {"status": "SUCCESS", "error": False})

    def noted(self, name: str, given: Item) -> None:
        """What changes nothing here, and is looked at by tests."""
        self.world.sent.append({"session": name, **given})

    def chat_markMessageAsRead(self, name: str, given: Item) -> None:  # noqa: N802 - as the path spells it
        self.noted(name, {"kind": "markMessageAsRead", **given})
        for one in given["readMessages"]:
            self.world.show({"event": "seen", "id": one["id"]})

    def chat_sendPresence(self, name: str, given: Item) -> None:  # noqa: N802
        self.noted(name, {"kind": "sendPresence", **given})
        self.world.sessions[name].heard.add(given["number"].partition("@")[0])
        if given["presence"] == "composing":
            self.world.show({"event": "typing", "to": given["number"]})

    def message_sendReaction(self, name: str, given: Item) -> None:  # noqa: N802
        self.noted(name, {"kind": "reaction", **given})
        target = given["key"]
        told = {"to": target["remoteJid"].partition("@")[0], "message_id": target["id"], "emoji": given["reaction"]}
        self.world.show({"event": "reaction", **told})

    def receipt(self, to: str, message_id: str) -> Item:
        return {"key": speech.key(to, message_id, ours=True), "status": "PENDING"}

    def create(self, given: Item) -> None:
        world, name = self.world, given["instanceName"]
        if name in world.sessions:
            raise Refusal(403, f'This name "{name}" is already in use.')
        session = world.start(name, *hook_of(given))
        shown = {"instanceName": name, "integration": given["integration"], "status": "connecting"}
        self.json({"instance": shown, "hash": "X", "qrcode": speech.picture(session)}, 201)

    def webhook_set(self, name: str, given: Item) -> None:
        self.world.hook(self.world.sessions[name], *hook_of(given))

    def instance_connect(self, name: str, given: Item) -> Item:
        world = self.world
        if world.sessions[name].state == "open":
            return {"instance": {"instanceName": name, "state": "open"}}
        return speech.picture(world.start(name))

    def instance_connectionState(self, name: str, given: Item) -> Item:  # noqa: N802 - the path's own spelling
        state = self.world.sessions[name].state
        return {"instance": {"instanceName": name, "state": "connecting" if state == "qr" else state}}

    def instance_restart(self, name: str, given: Item) -> Item | None:
        """One that is closed is not restarted, which it says with the status of a success."""
        if self.world.sessions[name].state == "close":
            return {"error": True, "message": "[object Object]"}
        self.world.restart(name)
        return None

    def instance_logout(self, name: str, given: Item) -> None:
        if self.world.sessions[name].state != "open":
            raise Refusal(400, f'The "{name}" instance is not connected')
        self.world.drop(name)
        session = self.world.sessions[name]
        self.world.tell(session, speech.body(session, "logout.instance", None))

    def instance_delete(self, name: str, given: Item) -> None:
        session = self.world.sessions.pop(name)
        self.world.tell(session, speech.body(session, "remove.instance", None))

    def chat_getBase64FromMediaMessage(self, name: str, given: Item) -> Item:  # noqa: N802
        kind, content = self.file_of(given["message"]["key"]["id"])
        return {"mimetype": kind, "base64": base64.b64encode(content).decode(), "fileName": None}

    def chat_fetchProfilePictureUrl(self, name: str, given: Item) -> Item:  # noqa: N802
        return {"wuid": given["number"], "profilePictureUrl": self.photo_url(given["number"])}


def hook_of(given: Item) -> tuple[str, dict[str, str], list[str]]:
    """Where an instance is to post to, with which headers, and what."""
    hook = given["webhook"]
    return hook["url"], hook["headers"], hook["events"]
