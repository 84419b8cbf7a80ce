"""Ids, names and addresses as they come in by REST."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.utils.translation import gettext_noop as _
from rest_framework import serializers

from accounts.errors import Refused, UnknownReference
from accounts.listing import LARGEST_ID

# Characters that nobody sees, or that turn the text around them: welcome in what people write, refused in names.
INVISIBLE = {"Cf", "Cc", "Cs", "Co"}


class Name(serializers.CharField):
    """A name: visible characters only, so that two names that look alike are alike. Raises Refused (bad_name)."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if any(unicodedata.category(character) in INVISIBLE for character in text):
            raise Refused(_("A name may not hold invisible characters."), code="bad_name", attr=self.field_name)
        return " ".join(text.split())


class Email(serializers.EmailField):
    """An e-mail address. Raises Refused (bad_email)."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        try:
            return super().run_validation(data)
        except serializers.ValidationError as error:
            if "invalid" in (error.get_codes() or ()):
                raise Refused(_("This is not an e-mail address."), code="bad_email", attr=self.field_name) from None
            raise


class Id(serializers.IntegerField):
    """The number of a row, or the same as a string of digits. One that no row can have names nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **options)

    def run_validators(self, value: Any) -> None:
        """The limits are for the OpenAPI document: past them there is no row, which is what the answer says."""

    def to_internal_value(self, data: Any) -> int:
        text = str(data) if isinstance(data, int | str) else ""
        if not re.fullmatch(r"\d{1,40}", text, re.ASCII):
            self.fail("invalid")
        if not 1 <= int(text) <= LARGEST_ID:
            raise UnknownReference(self.field_name or str(getattr(self.parent, "field_name", "")))
        return int(text)


def id_list(**options: Any) -> serializers.ListField:
    """A list of ids."""
    return serializers.ListField(child=Id(), **options)
