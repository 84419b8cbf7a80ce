"""What customers and Meta will have said in the end, and every delivery that says it, in no order at all."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from itertools import count as count_up
from typing import Any

from bench.deliveries import meta

Item = dict[str, Any]
CUSTOMERS_EVERY = 20
DUPLICATES = 0.2
LONGEST_STORY = 5


@dataclass
class Said:
    """A customer's message as it must be found in the end."""

    phone: str
    content: str
    deleted: bool = False
    edited: bool = False
    reaction: str = ""


@dataclass
class Plan:
    """`values` are what is posted, in any order; a report on one of our messages stands under its wish alone, since it
    can't be made before Meta has taken the message.
    """

    chance: random.Random
    values: list[Item] = field(default_factory=list)
    expected: dict[str, Said] = field(default_factory=dict)
    # By the number of our message: in which state it must end.
    states: dict[int, str] = field(default_factory=dict)

    def posts(self, count: int) -> list[Item]:
        """So many in all, a fifth of them twice."""
        twice = self.chance.sample(self.values, count - len(self.values))
        return self.chance.sample([*self.values, *twice], count)


def phones(count: int) -> list[str]:
    return [meta.phone(number) for number in range(count // CUSTOMERS_EVERY)]


def planned(count: int, seed: int, replies: list[int]) -> Plan:
    """Reports on our messages, and then texts with what becomes of each until there is enough."""
    plan = Plan(random.Random(seed))
    unique, who = round(count * (1 - DUPLICATES)), phones(count)
    for pk in replies:
        plan.states[pk] = "failed" if plan.chance.random() < 0.1 else "read"
        plan.values += [{"reply": pk, "status": status} for status in course(plan.states[pk])]
    for number in count_up():
        room = unique - len(plan.values)
        if not room:
            return plan
        plan.values += story(plan, f"wamid.s{number}", plan.chance.choice(who), number, plain=room < LONGEST_STORY)
    return plan


def course(end: str) -> list[str]:
    return ["sent", "failed"] if end == "failed" else ["sent", "delivered", "read"]


def story(plan: Plan, wamid: str, phone: str, number: int, *, plain: bool) -> list[Item]:
    """A text, and perhaps up to two edits, a reaction, and that it is taken back: then nothing is left of it."""
    words = [f"texto {number}", f"texto {number}, melhor", f"texto {number}, melhor ainda"]
    edits = 0 if plain else plan.chance.choice([0, 0, 0, 1, 2])
    reaction = "" if plain or plan.chance.random() > 0.15 else plan.chance.choice("👍🙏😂")
    deleted = not plain and plan.chance.random() < 0.08
    kept = Said(phone, words[edits], edited=edits > 0, reaction=reaction)
    plan.expected[wamid] = Said(phone, "", deleted=True) if deleted else kept
    told = [meta.text(phone, wamid, words[0])]
    for step in range(1, edits + 1):
        edit = {"original_message_id": wamid, "message": {"type": "text", "text": {"body": words[step]}}}
        told.append(meta.said(phone, f"{wamid}.e{step}", at=time.time() + step, type="edit", edit=edit))
    if reaction:
        told.append(meta.said(phone, f"{wamid}.r", type="reaction", reaction={"message_id": wamid, "emoji": reaction}))
    if deleted:
        told.append(meta.said(phone, f"{wamid}.d", type="revoke", revoke={"original_message_id": wamid}))
    return told
