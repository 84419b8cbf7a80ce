"""Text as people look for it: without accents and capitals, `sao joao` finds `São João`.

`field__plain__contains=plain(text)` asks for it. PostgreSQL has the function and its indexes from a migration; SQLite
is given the function with each connection.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.db.backends.signals import connection_created
from django.db.models import CharField, TextField, Transform
from django.dispatch import receiver

FUNCTION = "niochat_plain"
MARKS = re.compile("[\u0300-\u036f]")


def plain(text: str) -> str:
    return MARKS.sub("", unicodedata.normalize("NFD", text)).lower()


@CharField.register_lookup
@TextField.register_lookup
class Plain(Transform):
    lookup_name = "plain"
    function = FUNCTION
    output_field = TextField()


@receiver(connection_created)
def teach(connection: Any, **_: object) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function(FUNCTION, 1, plain, deterministic=True)
