"""Ids in paths: `<id:user_id>`. A number that no row can have names nothing, so its path is not found."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import IntConverter


class IdConverter(IntConverter):
    """At most sixteen digits: longer ones overflow a database's integer, which is a fault rather than a 404."""

    regex = "[0-9]{1,16}"


register_converter(IdConverter, "id")
