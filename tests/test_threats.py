"""The threat table: a line without a test, or with one that is not there any more, fails here."""

from __future__ import annotations

import ast
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from django.utils.timezone import now

from accounts import clock
from conversations.models import Conversation
from realtime import streams, sync
from realtime.models import StreamEvent
from realtime.typing import TypingBook
from tests.threats import BODY, DUE, FRAME, LINES, QUERY, REST, SOCKET
from tests.trade import published, reply
from tests.world import Person

HERE = Path(__file__).parent


@cache
def names_in(file: str) -> frozenset[str]:
    """The names of a file's tests; of a JavaScript file, its whole text's lines."""
    text = (HERE / file).read_text()
    if file.endswith(".js"):
        return frozenset(line.split('"')[1] for line in text.splitlines() if line.startswith('test("'))
    functions = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(function.name for function in functions)


def test_every_line_that_is_due_is_proved_somewhere() -> None:
    assert {number for number, (_, tests) in LINES.items() if tests} == DUE


@pytest.mark.parametrize("number", sorted(LINES), ids=[f"{number} {LINES[number][0]}" for number in sorted(LINES)])
def test_a_line_s_tests_are_there(number: int) -> None:
    for test in LINES[number][1]:
        file, _, name = test.partition("::")
        assert name in names_in(file), test


@pytest.mark.parametrize(("table", "test"), [("FRAMES", SOCKET), ("BODIES", REST), ("QUERIES", REST)])
def test_a_line_that_a_table_is_said_to_prove_stands_in_it(table: str, test: str) -> None:
    """The tables' rows begin with the line's number."""
    tree = ast.parse((HERE / test).read_text())
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    named = {"FRAMES": FRAME, "BODIES": BODY, "QUERIES": QUERY}[table]
    numbers = {text.split(" ")[0] for text in texts}

    assert [number for number, (_, tests) in LINES.items() if named in tests and str(number) not in numbers] == []


# --- lines that no other file is about --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_128_order_is_by_number_whatever_the_clock_says(ana: Person, conversation: Conversation) -> None:
    with published() as frames:
        with clock.at(now() + timedelta(hours=1)):
            late = reply(ana, conversation, "Do futuro")
        with clock.at(now() - timedelta(hours=1)):
            early = reply(ana, conversation, "Do passado")
    said = [frame for frame in frames.to("agents") if frame["type"] == "chat_message"]
    page = ana.client().get(f"/api/v1/conversations/{conversation.pk}/messages").json()

    assert [frame["data"]["message"]["id"] for frame in said] == [late.pk, early.pk]
    assert [message["id"] for message in page][-2:] == [late.pk, early.pk]
    numbers = [frame["seq"] for frame in frames.to("agents")]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


@pytest.mark.django_db(transaction=True)
def test_127_a_row_of_the_log_that_makes_no_sense_stops_nobody(ana: Person, conversation: Conversation) -> None:
    stream = streams.agents(ana.tenant_id)
    before = sync.marks([stream])[stream].head
    reply(ana, conversation, "Antes")
    StreamEvent.objects.filter(stream=stream, seq=before + 1).update(body='{"type": "of_tomorrow"')
    reply(ana, conversation, "Depois")

    read = [event for _, events in sync.read_since({stream: before}) for event in events]

    assert [event.seq for event in read] == list(range(before + 1, sync.marks([stream])[stream].head + 1))
    assert "Depois" in "".join(event.body for event in read)


async def test_26_typing_without_end_is_told_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.typing.COALESCE_S", 600)  # However long five hundred signs take.
    ended: list[int] = []
    book = TypingBook(ended.append)

    told = [book.starts(7) for _ in range(500)]
    other = book.starts(8)
    book.close()

    assert (sum(told), told[0], other) == (1, True, True)
    assert ended == [7, 8]
