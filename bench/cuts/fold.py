"""A client's state, folded from what it hears; `node_clients.mjs` folds in the same way. And the server's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.actor import Actor
from conversations.models import Conversation, Message
from conversations.payloads import conversation_data, message_data

State = dict[str, dict[str, Any]]


class Fold:
    """Conversations and messages by id, as JSON has them. `wrong` says what came twice or out of order."""

    def __init__(self) -> None:
        self.conversations: dict[str, Any] = {}
        self.messages: dict[str, Any] = {}
        self.cursors: dict[str, int] = {}
        self.wrong: list[str] = []
        self.heard = 0

    def apply(self, frame: Mapping[str, Any]) -> None:
        self.check(frame)
        data = frame["data"]
        match frame["type"]:
            case "conversation_updated":
                self.conversations[str(data["id"])] = without(data, "previous")
            case "chat_message":
                self.messages[str(data["message"]["id"])] = essence(data["message"])
            case "message_status":
                self.messages[str(data["message_id"])]["status"] = data["status"]
            case "message_deleted":
                self.messages[str(data["message_id"])].update(content="", deleted=True, reactions=[])
            case "message_reaction":
                message = self.messages[str(data["message_id"])]
                who = [data["user_id"], data["contact_id"]]
                others = [row for row in message["reactions"] if row[:2] != who]
                message["reactions"] = [*others, *([[*who, data["reaction"]]] if data["reaction"] else [])]

    def check(self, frame: Mapping[str, Any]) -> None:
        """Each stream's numbers go up by one."""
        if "seq" not in frame:
            return
        stream, seq = frame["stream"], frame["seq"]
        self.heard += 1
        if stream in self.cursors and seq != self.cursors[stream] + 1:
            self.wrong.append(f"{stream}: {seq} after {self.cursors[stream]}")
        self.cursors[stream] = seq

    def replace(
        self, cursors: Mapping[str, int], conversations: Iterable[dict[str, Any]], messages: Iterable[dict[str, Any]]
    ) -> None:
        """Begin anew from a snapshot, and what REST told of the rest."""
        self.cursors = dict(cursors)
        self.conversations = {str(row["id"]): without(row, "previous") for row in conversations}
        self.messages = {str(row["id"]): essence(row) for row in messages}

    def state(self) -> State:
        return {"conversations": self.conversations, "messages": self.messages}


def without(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in (*names, "type")}


def essence(message: Mapping[str, Any]) -> dict[str, Any]:
    """What of a message can change, and what it says."""
    return {
        "content": message["content"],
        "status": message["status"],
        "deleted": message["deleted_at"] is not None,
        "reactions": [[row["user_id"], row["contact_id"], row["reaction"]] for row in message["reactions"]],
    }


def truth(actor: Actor) -> State:
    """What the server would show this actor."""
    conversations = [conversation_data(row) for row in Conversation.with_parts(actor)]
    messages = [message_data(row) for row in Message.with_parts(actor)]
    fold = Fold()
    fold.replace({}, conversations, messages)
    found: State = json.loads(json.dumps(fold.state()))
    return found


def differences(state: State, wanted: State) -> list[str]:
    """In words, what a client has otherwise than the server; nothing where they are the same."""
    found = []
    for kind, rows in wanted.items():
        for key in sorted({*rows, *state[kind]}, key=int):
            mine, theirs = state[kind].get(key), rows.get(key)
            if mine != theirs:
                found.append(f"{kind} {key}: has {shown(mine, theirs)}, the server {shown(theirs, mine)}")
    return found


def shown(one: dict[str, Any] | None, other: dict[str, Any] | None) -> str:
    """Only the fields in which they differ."""
    if one is None or other is None:
        return "nothing" if one is None else "it"
    return str({name: value for name, value in one.items() if other.get(name) != value})
