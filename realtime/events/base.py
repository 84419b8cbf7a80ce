"""What every frame is made of. Nothing of ours is imported here, nor by any module beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict, PlainSerializer


def iso(moment: datetime) -> str:
    """A time on the wire: ISO 8601 in UTC with `Z`, to the microsecond."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{utc.isoformat(timespec='microseconds').removesuffix('+00:00')}Z"


Moment = Annotated[datetime, PlainSerializer(iso, return_type=str)]


class Audience(StrEnum):
    """Who gets a frame, in the words of the contract."""

    CONVERSATION = "who may see the conversation"
    TENANT = "the tenant"
    DIRECTORY = "the tenant; of a restricted inbox, who may see it"
    SUPERVISORS = "supervisors and admins"
    RATED = "supervisors and admins, and the rated agent"
    ADMINS = "admins"
    ROOM = "who has joined the conversation"
    TYPING = "a customer's: who may see the conversation; a colleague's: the others who have joined it"
    ASKER = "the socket that asked"
    SENDER = "the sender's socket"
    EVERY_SOCKET = "every socket"
    CONTACT = "the contact's widget"
    SERVER = "the server itself, never a client"


class Shape(BaseModel):
    """A part of a frame: exactly its fields, and never changed once it is made."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Event(Shape):
    """One frame. `kept` frames are numbered in their stream and can be resumed for as long as the log keeps them."""

    kept: ClassVar[bool] = False
    audience: ClassVar[Audience]
    type: str

    def data(self) -> dict[str, Any]:
        """The frame's `data`: every field but `type`, ready for JSON."""
        return self.model_dump(mode="json", exclude={"type"})


class Letter(NamedTuple):
    """An event and the stream that it is addressed to."""

    stream: str
    event: Event
