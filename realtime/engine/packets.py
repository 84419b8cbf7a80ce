"""Socket.IO's packets, read as strictly as everything else that comes in."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as _
from socketio import packet as known
from socketio.packet import Packet

from accounts.errors import Refused
from realtime import strictjson, wire
from realtime.strictjson import BadMessage

CONNECT, DISCONNECT, EVENT, ACK = known.CONNECT, known.DISCONNECT, known.EVENT, known.ACK


# python-socketio would take these, sent by a client, for its own.
NOT_FOR_CLIENTS = frozenset({"connect", "connect_error", "disconnect", "disconnecting", "*"})


class Json:
    """What python-socketio needs of a JSON module."""

    @staticmethod
    def dumps(value: Any, **_options: Any) -> str:
        return wire.dumps(value).decode()

    @staticmethod
    def loads(text: str) -> Any:
        return strictjson.decode(text)


class StrictPacket(Packet):
    """Refuses what python-socketio would stumble over: raises Refused."""

    json = Json

    def decode(self, encoded_packet: Any) -> int:
        if not isinstance(encoded_packet, str):
            raise Refused(_("Send packets of text."), code="unsupported_data")
        try:
            attachments = super().decode(encoded_packet)
        except ValueError as odd:
            raise BadMessage(_("This is no packet of Socket.IO 5.")) from odd
        if attachments or not self.is_sound():
            raise BadMessage(_("Send a packet of Socket.IO 5: an event with JSON arguments."))
        if self.packet_type == known.EVENT and self.data[0] in NOT_FOR_CLIENTS:
            raise Refused(_("There is no such event."), code="unknown_type", attr="event")
        return 0

    def is_sound(self) -> bool:
        """Whether it is of a kind that clients send, and holds what that kind does."""
        match self.packet_type:
            case known.CONNECT:
                return self.data is None or isinstance(self.data, dict)
            case known.EVENT:
                return isinstance(self.data, list) and bool(self.data) and isinstance(self.data[0], str)
            case known.ACK:
                return isinstance(self.data, list)
        return bool(self.packet_type == known.DISCONNECT)
