"""Columns that many pages of the back office have."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


def number_of(relation: str, title: str | StrPromise) -> Callable[[Any], str]:
    """The id of a related row, which costs no look at that row."""

    @admin.display(description=title, ordering=f"{relation}_id")
    def number(row: Model) -> str:
        found = getattr(row, f"{relation}_id")
        return "–" if found is None else str(found)

    return number


def tenant_by(path: str) -> Callable[[Any], str]:
    """The tenant to which `path` leads from a row: by its name, or by its id where the row has no more."""

    @admin.display(description=_("tenant"), ordering=path)
    def tenant(row: Model) -> str:
        found: Any = row
        for step in path.split("__"):
            found = getattr(found, step)
        return str(found)

    return tenant
