"""What comes in, checked; what goes out is shaped by `payloads`. A field that is not listed has no effect whatever."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.timezone import now
from django.utils.translation import gettext_noop as _
from rest_framework import serializers

from accounts.errors import Refused
from accounts.fields import Email, Name, id_list
from accounts.listing import moment
from accounts.models import LONGEST_LOGIN, Membership
from accounts.passwords import ensure_hashable
from accounts.permissions import GRANTS
from accounts.tokens import LONGEST_TOKEN

LONGEST_NAME = 150


class PersonName(Name):
    """A part of a person's name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_NAME, **options)


class Password(serializers.CharField):
    """Taken as it is. One that is too long is malformed rather than refused: nobody's password is a megabyte."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, write_only=True, **options)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        ensure_hashable(text, self.field_name or "password")
        return text


class LaterMoment(serializers.CharField):
    """A time, with its offset, that is still to come."""

    def to_internal_value(self, data: Any) -> Any:
        given = moment(super().to_internal_value(data), self.field_name)
        if given <= now():
            raise Refused(_("Give a time that is still to come."), code="bad_time", attr=self.field_name)
        return given


class LoginInput(serializers.Serializer[Any]):
    """`username` may be the e-mail address; `tenant` is a slug, needed only by who is a member of several."""

    username = serializers.CharField(max_length=LONGEST_LOGIN)
    password = Password()
    tenant = serializers.CharField(max_length=60, allow_blank=True, default="")


class RefreshInput(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=LONGEST_TOKEN)


class VerifyInput(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=LONGEST_TOKEN)


class ProfileInput(serializers.Serializer[Any]):
    first_name = PersonName(required=False, allow_blank=True)
    last_name = PersonName(required=False, allow_blank=True)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)


class PasswordInput(serializers.Serializer[Any]):
    current_password = Password()
    new_password = Password()


class ForgottenInput(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=LONGEST_LOGIN)


class ResetInput(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=LONGEST_TOKEN)
    password = Password()


class InvitationInput(serializers.Serializer[Any]):
    email = Email(max_length=LONGEST_LOGIN)
    role = serializers.ChoiceField(choices=Membership.Roles.choices, default=Membership.Roles.AGENT)
    first_name = PersonName(default="", allow_blank=True)
    last_name = PersonName(default="", allow_blank=True)
    inbox_ids = id_list(default=list, max_length=200)


class AcceptInput(serializers.Serializer[Any]):
    """The password is a new one, or the one of the account that the address has already."""

    token = serializers.CharField(max_length=LONGEST_TOKEN)
    password = Password()


class MemberInput(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=Membership.Roles.choices, required=False)
    is_active = serializers.BooleanField(required=False)
    inbox_ids = id_list(required=False, max_length=200)


class KeyInput(serializers.Serializer[Any]):
    name = Name(max_length=80)
    role = serializers.ChoiceField(choices=Membership.Roles.choices, default="", allow_blank=True)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=sorted(GRANTS)), default=None, allow_null=True, max_length=len(GRANTS)
    )
    expires_at = LaterMoment(default=None, allow_null=True)
