"""How a view reads its input: the body through a serializer, lists through `accounts.listing`."""

from __future__ import annotations

from functools import cache
from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import Serializer


def given(serializer: type[Serializer[Any]], request: Request, *, partial: bool = False) -> dict[str, Any]:
    """The checked body; raises DRF's ValidationError or a Refused."""
    return dict(reader(serializer, partial=partial).run_validation(request.data))


@cache
def reader(serializer: type[Serializer[Any]], *, partial: bool) -> Serializer[Any]:
    """One of each kind for all requests: to copy a serializer's fields costs three times what reading by them does.

    Reading changes nothing in it; what does (`data`, `is_valid`) is not for it.
    """
    return serializer(partial=partial)
