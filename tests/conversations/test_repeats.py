"""Every action of the trade done twice, and five times at once: what it does is done, told and written down once.

An action that is missing here fails the first test; add its line to the table in `deeds.py`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection

from accounts.errors import Refused
from conversations import actions
from tests.conversations.deeds import NAMES, TABLE, Line
from tests.conversations.stage import Stage, stage
from tests.trade import Frames, published

__all__ = ["stage"]
pytestmark = pytest.mark.django_db(transaction=True)
TOGETHER = 5


def outcome(line: Line, stage: Stage) -> str:
    """Do it and say how it went: the code of the refusal, or nothing."""
    try:
        line.act(stage)
    except Refused as refused:
        return refused.code
    except ObjectDoesNotExist:
        return "not_found"
    return ""


def outcome_in_a_thread(line: Line, stage: Stage) -> str:
    try:
        return outcome(line, stage)
    finally:
        connection.close()


def told(frames: Frames, stage: Stage) -> dict[str, list[str]]:
    return {
        "agents": frames.to("agents").types,
        "contact": frames.to(f"c{stage.conversation.contact_id}.i{stage.site.pk}").types,
    }


def test_every_action_is_in_the_table():
    said = {name for name in actions.__all__ if name.islower()}

    assert said - set(TABLE) == set()


@pytest.mark.parametrize("name", NAMES)
def test_it_is_told_and_written_down_once(name: str, stage: Stage):
    line = TABLE[name]
    line.before(stage)

    with published(audited=line.audited) as frames:
        assert outcome(line, stage) == ""

    assert told(frames, stage) == {"agents": line.agents, "contact": line.contact}
    assert frames.to("supervisors").types.count("audit_log") == line.audited


@pytest.mark.parametrize("name", NAMES)
def test_a_second_time_changes_nothing(name: str, stage: Stage):
    line = TABLE[name]
    line.before(stage)
    line.act(stage)

    with published(audited=line.audited if line.makes_more else 0) as frames:
        assert outcome(line, stage) == line.again

    assert line.makes_more or frames == []


@pytest.mark.parametrize("name", NAMES)
def test_five_at_once_are_one(name: str, stage: Stage):
    line = TABLE[name]
    line.before(stage)
    times = TOGETHER if line.makes_more else 1

    with published(audited=line.audited * times) as frames, ThreadPoolExecutor(TOGETHER) as pool:
        outcomes = list(pool.map(lambda _: outcome_in_a_thread(line, stage), range(TOGETHER)))

    assert sorted(outcomes) == sorted([""] * times + [line.again] * (TOGETHER - times))
    assert told(frames, stage) == {"agents": line.agents * times, "contact": line.contact * times}
