"""Request bodies: strict JSON of a bounded size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext_noop as _
from rest_framework.parsers import BaseParser

from accounts.errors import Refused
from realtime.strictjson import decode_object


class PayloadTooLarge(Refused):
    code = "payload_too_large"
    detail = _("The body is too large.")


class StrictJSONParser(BaseParser):
    """`application/json`, whose top must be an object; `realtime.strictjson` says what is refused."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise PayloadTooLarge
        return decode_object(body)
