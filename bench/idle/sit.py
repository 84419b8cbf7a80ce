"""All kinds at once, on one server, for a while."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from accounts import tokens
from accounts.models import Membership
from bench import world
from bench.cuts.run import away
from bench.cuts.stream import Company
from bench.idle.sitters import KINDS, GetToken, Sitter

OPENED_WITHIN_S, HEARD_WITHIN_S = 120.0, 60.0


@dataclass
class Row:
    """What became of one of them."""

    name: str
    lasting: bool
    opened: int
    breaks: int
    tokens: int
    ends: int
    heard: bool
    renews: bool

    @property
    def is_well(self) -> bool:
        """It heard the last word; it broke at a token's end only, or not even then where it renews."""
        breaks = 0 if self.lasting or self.renews else self.ends + 1
        renewed = self.lasting or self.tokens > 1
        return self.heard and renewed and self.breaks <= breaks


async def sat(url: str, *, seconds: float, token_s: int) -> list[Row]:
    """Sit for so long, with tokens that last and with tokens that end; then say something, which all must hear."""
    company = await away(Company.founded)
    conversation = (await away(partial(company.customer_writes, "Joana", "Oi!"))).conversation_id
    sitters = [
        (kind(url, await source(company, lasting=lasting, seconds=token_s), conversation), lasting)
        for lasting in (True, False)
        for kind in KINDS
    ]
    tasks = [asyncio.create_task(sitter.sit()) for sitter, _ in sitters]
    try:
        await asyncio.gather(*(sitter.until(opened(sitter), OPENED_WITHIN_S) for sitter, _ in sitters))
        await asyncio.sleep(seconds)
        return await asyncio.gather(
            *(row_of(sitter, company, lasting=lasting, ends=int(seconds / token_s)) for sitter, lasting in sitters)
        )
    finally:
        for task in tasks:
            task.cancel()
        problems = await asyncio.gather(*tasks, return_exceptions=True)
        for problem in problems:
            if isinstance(problem, Exception):
                raise problem


def opened(sitter: Sitter) -> Callable[[], bool]:
    return lambda: sitter.opened > 0


def heard_by(sitter: Sitter, word: str) -> Callable[[], bool]:
    return lambda: any(word in text for text in sitter.heard)


async def row_of(sitter: Sitter, company: Company, *, lasting: bool, ends: int) -> Row:
    """Whether it still hears. One that is just between two connections gets another word."""
    breaks, heard = sitter.breaks, False
    for _ in range(3):
        word = f"still there? {secrets.token_hex(4)}"
        await away(partial(company.customer_writes, "Joana", word))
        if heard := await sitter.until(heard_by(sitter, word), HEARD_WITHIN_S / 3):
            break
    name = (sitter.__doc__ or type(sitter).__name__).strip()
    return Row(name, lasting, sitter.opened, breaks, sitter.tokens, ends, heard, sitter.renews)


async def source(company: Company, *, lasting: bool, seconds: int) -> GetToken:
    """Where one of them gets tokens: all of one session of one member of the team."""
    member = await away(company.agent)

    async def give() -> str:
        return await away(partial(world.token, member) if lasting else partial(short, member, seconds))

    return give


def short(member: Membership, seconds: int) -> str:
    return tokens.mint_access(world.session(member), seconds=seconds)
