"""The `<id:…>` of every route."""

from __future__ import annotations

from django.urls.converters import IntConverter


class IdConverter(IntConverter):
    """At most sixteen digits: a longer number overflows the database's integers, which is a fault and not a 404."""

    regex = "[0-9]{1,16}"
