"""What comes in by REST, checked; what goes out is shaped by `payloads`."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.utils.translation import gettext_noop as _
from rest_framework import serializers

from accounts.errors import Refused
from accounts.fields import Email, Id, Name, id_list
from accounts.listing import moment
from conversations.models import Channel, Kind, Priority
from conversations.wellformed import checked_origins, checked_settings

LONGEST_CONTENT = 16_384
LONGEST_FEEDBACK = 1_000
MOST_ATTACHMENTS = 15
LONGEST_REACTION_BYTES = 64


class Phone(serializers.CharField):
    """A phone number as people write it."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data).strip()
        if text and not re.fullmatch(r"\+?[0-9 ().-]{5,30}", text, re.ASCII):
            raise Refused(_("This is not a phone number."), code="bad_phone", attr=self.field_name)
        return text


class Moment(serializers.CharField):
    """A time with its offset."""

    def to_internal_value(self, data: Any) -> Any:
        return moment(super().to_internal_value(data), self.field_name)


class Metadata(serializers.JSONField):
    """A small object of the client's own."""

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        if not isinstance(value, dict):
            raise Refused(_("Give an object."), code="invalid", attr=self.field_name)
        if len(str(value)) > LONGEST_CONTENT:
            raise Refused(_("The object is too large."), code="too_long", attr=self.field_name)
        return value


class Content(serializers.CharField):
    """A message's text, or `{"text": …, "preview_url": …}`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_CONTENT, allow_blank=True, trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data.get("text", "") if isinstance(data, dict) else data)


class MessageInput(serializers.Serializer[Any]):
    content = Content(default="")
    message_type = serializers.ChoiceField(choices=Kind.choices, default=Kind.TEXT)
    private = serializers.BooleanField(default=False)
    client_message_id = serializers.CharField(max_length=64, allow_blank=True, default="")
    reply_to = Id(allow_null=True, default=None)
    metadata = Metadata(default=dict)
    attachments = id_list(max_length=MOST_ATTACHMENTS, default=list)


class ReactionInput(serializers.Serializer[Any]):
    reaction = serializers.CharField(max_length=64)

    def validate_reaction(self, text: str) -> str:
        return checked_reaction(text)


def checked_reaction(text: str) -> str:
    """One emoji: no letters, no markup, no white space; raises Refused (bad_reaction)."""
    keycap = set("#*0123456789")
    wrong = any(
        character.isspace()
        or unicodedata.category(character)[0] == "L"
        or (character.isascii() and character not in keycap)
        for character in text
    )
    if wrong or text.isascii() or len(text.encode()) > LONGEST_REACTION_BYTES:
        raise Refused(_("A reaction is one emoji."), code="bad_reaction", attr="reaction")
    return text


class StartInput(serializers.Serializer[Any]):
    contact_id = Id()
    inbox_id = Id()


class ConversationInput(serializers.Serializer[Any]):
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    team_id = Id(allow_null=True, required=False)
    labels = serializers.ListField(child=serializers.CharField(max_length=40), max_length=20, required=False)


class AssignInput(serializers.Serializer[Any]):
    user_id = Id(allow_null=True)
    team_id = Id(allow_null=True, required=False)


class TransferInput(serializers.Serializer[Any]):
    user_id = Id(allow_null=True, required=False)
    team_id = Id(allow_null=True, required=False)


class SnoozeInput(serializers.Serializer[Any]):
    until = Moment()


class ReadInput(serializers.Serializer[Any]):
    message_id = Id(required=False, allow_null=True)


class TypingInput(serializers.Serializer[Any]):
    is_typing = serializers.BooleanField(default=True)
    private = serializers.BooleanField(default=False)


class ContactInput(serializers.Serializer[Any]):
    name = Name(max_length=120, allow_blank=True, required=False)
    phone = Phone(max_length=32, allow_blank=True, required=False)
    email = Email(max_length=254, allow_blank=True, required=False)
    metadata = Metadata(required=False)


class WriterInput(serializers.Serializer[Any]):
    identifier = serializers.CharField(max_length=200)
    name = Name(max_length=120, allow_blank=True, default="")
    phone = Phone(max_length=32, allow_blank=True, default="")
    email = Email(max_length=254, allow_blank=True, default="")


class InboundInput(serializers.Serializer[Any]):
    contact = WriterInput()
    content = Content(default="")
    message_type = serializers.ChoiceField(choices=Kind.choices, default=Kind.TEXT)
    external_id = serializers.CharField(max_length=200)
    metadata = Metadata(default=dict)
    attachments = id_list(max_length=MOST_ATTACHMENTS, default=list)


class InboxInput(serializers.Serializer[Any]):
    name = Name(max_length=120)
    channel = serializers.ChoiceField(choices=Channel.choices)
    restricted = serializers.BooleanField(required=False)
    user_ids = id_list(max_length=500, required=False)
    reopen = serializers.BooleanField(required=False)
    keep_owner = serializers.BooleanField(required=False)
    csat_enabled = serializers.BooleanField(required=False)
    show_preview = serializers.BooleanField(required=False)
    allowed_origins = serializers.ListField(child=serializers.CharField(max_length=200), max_length=50, required=False)
    settings = Metadata(required=False)

    def validate_allowed_origins(self, origins: list[str]) -> list[str]:
        return checked_origins(origins)

    def validate_settings(self, given: dict[str, Any]) -> dict[str, Any]:
        return checked_settings(given)


class InboxChange(InboxInput):
    """A change may leave everything out, and never names another channel."""

    channel = None  # type: ignore[assignment]  # so one takes an inherited field away
    name = Name(max_length=120, required=False)


class AccountInput(serializers.Serializer[Any]):
    """Everything that any provider asks for; each takes what it knows."""

    phone_number_id = serializers.RegexField(r"^\d{0,32}$", allow_blank=True, required=False)
    waba_id = serializers.RegexField(r"^\d{0,32}$", allow_blank=True, required=False)
    graph_version = serializers.RegexField(r"^(v\d{1,3}\.\d)?$", allow_blank=True, required=False)
    graph_url = serializers.CharField(max_length=200, allow_blank=True, required=False)
    api_url = serializers.CharField(max_length=200, allow_blank=True, required=False)
    gateway = serializers.ChoiceField(choices=["evolution", "waha"], required=False)
    base_url = serializers.CharField(max_length=200, allow_blank=True, required=False)
    session = serializers.RegexField(r"^[A-Za-z0-9_-]{0,60}$", allow_blank=True, required=False)
    api_key = serializers.CharField(max_length=300, allow_blank=True, required=False, write_only=True)
    send_read = serializers.BooleanField(required=False)
    send_typing = serializers.BooleanField(required=False)
    hear_typing = serializers.BooleanField(required=False)
    access_token = serializers.CharField(max_length=1000, allow_blank=True, required=False, write_only=True)
    app_secret = serializers.CharField(max_length=200, allow_blank=True, required=False, write_only=True)
    verify_token = serializers.CharField(max_length=200, allow_blank=True, required=False, write_only=True)
    bot_token = serializers.RegexField(
        r"^(\d{3,20}:[A-Za-z0-9_-]{20,100})?$", allow_blank=True, required=False, write_only=True
    )
    webhook_secret = serializers.RegexField(
        r"^([A-Za-z0-9_-]{16,256})?$", allow_blank=True, required=False, write_only=True
    )


class TeamInput(serializers.Serializer[Any]):
    name = Name(max_length=80)
    user_ids = id_list(max_length=500, required=False)


class LabelInput(serializers.Serializer[Any]):
    name = Name(max_length=40)
    colour = serializers.RegexField(r"^#[0-9a-fA-F]{6}$", required=False)


class SessionInput(serializers.Serializer[Any]):
    name = Name(max_length=120, allow_blank=True, required=False)
    email = Email(max_length=254, allow_blank=True, required=False)
    identifier = serializers.CharField(max_length=200, allow_blank=True, required=False)
    identifier_hash = serializers.CharField(max_length=128, allow_blank=True, required=False)


class SurveyAnswer(serializers.Serializer[Any]):
    rating = serializers.JSONField()
    feedback = serializers.CharField(max_length=LONGEST_FEEDBACK, allow_blank=True, default="")
