"""A booth: each frame is put into a family's words once, and told to those whom it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from realtime import wire
from realtime.events import Event, SessionStatus, Typing
from realtime.families.base import Family
from realtime.families.booth import Said, booth_at
from realtime.families.fastapi import FASTAPI
from realtime.families.pytake import PYTAKE
from realtime.families.socketio import SOCKETIO
from realtime.families.syszap import SYSZAP
from realtime.lane import Lane, Member


class Parrot:
    """Repeats a frame `conversation:text`, and stumbles over `bad`."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.but: Member | None = None

    def said(self, frame: bytes, wanted: Callable[[int], bool]) -> Iterable[Said]:
        self.asked.append(frame)
        conversation, _, text = frame.partition(b":")
        if text == b"bad":
            raise KeyError(text)
        number = int(conversation) or None
        return [Said(text, number, self.but)] if number is None or wanted(number) else []


class Ear:
    """Whoever follows; `heard` are the texts, `lost` the streams that had a gap."""

    family = "parrot"
    user_id: int | None = None

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.lost: list[str] = []

    def gap(self, stream: str) -> None:
        self.lost.append(stream)


@pytest.fixture
async def lane() -> Lane:
    made = Lane("t1.agents", kept=False, want=lambda _lane: None)
    made.start(0)
    return made


def listening(lane: Lane, parrot: Any, *conversations: int | None) -> Ear:
    ear = Ear()
    for conversation in conversations:
        booth_at(lane, parrot).circle(conversation).join(ear, wire.texts, ear.heard.extend)
    return ear


async def test_a_frame_is_put_into_words_once_for_everybody_who_listens(lane: Lane):
    parrot = Parrot()
    ears = [listening(lane, parrot, None) for _ in range(3)]

    lane.emit(b"0:hello")

    assert ([ear.heard for ear in ears], parrot.asked) == ([["hello"]] * 3, [b"0:hello"])


TYPING = Typing(conversation_id=5, contact_id=1, user_id=None, is_typing=True)
PHONE = SessionStatus(session_id=1, status="connected", timestamp=datetime(2026, 1, 1, tzinfo=UTC))
TOLD: list[tuple[Family, Event]] = [(SOCKETIO, TYPING), (FASTAPI, TYPING), (PYTAKE, TYPING), (SYSZAP, PHONE)]


@pytest.mark.parametrize(("family", "event"), TOLD, ids=[family.name for family, _ in TOLD])
async def test_every_websocket_of_a_family_is_written_the_very_same_bytes(lane: Lane, family: Family, event: Event):
    written: list[bytes] = []
    for _ in range(3):
        circle = booth_at(lane, family).circle(5 if family.entries[event.type].joined else None)
        circle.join(Ear(), wire.websocket, written.append)

    lane.emit(wire.plain(event))

    first, *others = written
    assert first.startswith(b"\x81")
    assert [other is first for other in others] == [True, True]


async def test_only_those_who_have_joined_hear_of_a_conversation_in_order(lane: Lane):
    parrot = Parrot()
    both, one = listening(lane, parrot, None, 5, 6), listening(lane, parrot, None, 6)

    for frame in (b"5:a", b"6:b", b"0:c", b"5:d", b"7:e"):
        lane.emit(frame)
    lane.flush()

    assert (both.heard, one.heard) == (["a", "b", "c", "d"], ["b", "c"])


async def test_whoever_did_it_is_not_told(lane: Lane):
    parrot = Parrot()
    author, other = listening(lane, parrot, 5), listening(lane, parrot, 5)

    parrot.but = author
    lane.emit(b"5:mine")
    lane.flush()

    assert (author.heard, other.heard) == ([], ["mine"])


async def test_what_can_not_be_said_is_nobody_elses_business(lane: Lane):
    native, ear = Ear(), listening(lane, Parrot(), None)
    lane.join(native, wire.texts, native.heard.extend)

    for frame in (b"0:good", b"0:bad", b"0:good again"):
        lane.emit(frame)
    lane.flush()

    assert ear.heard == ["good", "good again"]
    assert native.heard == ["0:good", "0:bad", "0:good again"]


async def test_a_booth_follows_only_while_somebody_listens(lane: Lane):
    parrot = Parrot()
    ear = listening(lane, parrot, None, 5)
    booth = booth_at(lane, parrot)

    lane.jump(9)
    booth.circle(None).leave(ear)
    assert not lane.idle
    booth.circle(5).leave(ear)

    assert (ear.lost, lane.idle, lane.booths) == (["t1.agents"], True, {})
