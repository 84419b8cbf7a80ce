"""What is kept of a failure, and how long to wait after it."""

from __future__ import annotations

import secrets
import traceback
from pathlib import Path

from accounts.errors import Refused

FIRST_WAIT_S = 3.0
GROWTH = 3.0
LONGEST_WAIT_S = 3600.0
CHANCE = secrets.SystemRandom()


def describe(error: BaseException) -> str:
    """The kind of the error and where it arose; its own words only if they are the product's.

    Other people's messages hold what must not be kept: an address with its token, a row that broke a constraint.
    """
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    words = f": {error}" if isinstance(error, Refused) else ""
    cause = error.__cause__ or error.__context__
    reason = f", because of {type(cause).__name__}" if cause else ""
    return f"{type(error).__name__}{place}{words}{reason}"[:500]


def waits(attempts: int, error: BaseException) -> float:
    """Seconds until the next try: 3, 9, 27 … at most an hour, less up to a third by chance so that a herd disperses.

    A refusal that says when to come back is taken at its word.
    """
    backoff = min(LONGEST_WAIT_S, FIRST_WAIT_S * GROWTH ** (attempts - 1)) * CHANCE.uniform(2 / 3, 1)
    return max(backoff, getattr(error, "retry_after", None) or 0.0)
