"""Which records a query asks for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from accounts.errors import Refused
from accounts.listing import AN_ID, choice_in, id_in, moment_in, text_in
from audit.models import Verb

PARAMETERS = [
    OpenApiParameter("user", AN_ID, description="Who did it: a user's id."),
    OpenApiParameter("action", str, enum=Verb.values, description="What was done."),
    OpenApiParameter("target_type", str, description="On what kind of thing, like `message`."),
    OpenApiParameter("target_id", AN_ID, description="On which one of that kind; needs `target_type`."),
    OpenApiParameter("conversation", AN_ID, description="In which conversation."),
    OpenApiParameter("from", datetime, description="Not before this time; its offset is required."),
    OpenApiParameter("to", datetime, description="Before this time; its offset is required."),
]


def asked(request: Request) -> dict[str, Any]:
    """The query as conditions on records; raises Refused (bad_filter, bad_datetime, bad_text)."""
    conditions = {
        "user_id": id_in(request, "user"),
        "verb": choice_in(request, "action", Verb.values),
        "target_type": text_in(request, "target_type"),
        "target_id": id_in(request, "target_id"),
        "conversation_id": id_in(request, "conversation"),
        "at__gte": moment_in(request, "from"),
        "at__lt": moment_in(request, "to"),
    }
    if conditions["target_id"] is not None and not conditions["target_type"]:
        raise Refused(_("Give target_type too: ids are counted by kind."), code="bad_filter", attr="target_id")
    return {name: value for name, value in conditions.items() if value not in (None, "")}
