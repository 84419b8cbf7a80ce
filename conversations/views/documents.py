"""How the OpenAPI document describes what the trade answers: from the wire's own declarations."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.utils import OpenApiParameter
from pydantic import BaseModel
from rest_framework import serializers

from realtime import events


class Answer(serializers.Serializer[Any]):
    """A serializer that only documents: its schema is a pydantic model's."""

    model: type[BaseModel]


class ConversationAnswer(Answer):
    model = events.ConversationEvent


class MessageAnswer(Answer):
    model = events.MessageData


class ContactAnswer(Answer):
    model = events.ContactUpdated


class AttachmentAnswer(Answer):
    model = events.AttachmentData


class PersonAnswer(Answer):
    model = events.Person


class AnswerSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # drf-spectacular's hook
    """Puts the pydantic model's JSON Schema into the document, without the frame's `type`."""

    target_class = "conversations.views.documents.Answer"
    match_subclasses = True

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        return type(self.target).__name__.removesuffix("Answer")

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        model = self.target.model
        schema = model.model_json_schema(mode="serialization", ref_template="#/$defs/{model}")
        whole: dict[str, Any] = inlined(schema, schema.pop("$defs", {}))
        return whole


def inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema with its definitions in place: OpenAPI resolves references from the document's root."""
    if isinstance(schema, list):
        return [inlined(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return inlined(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions)
    parts = {key: inlined(value, definitions) for key, value in schema.items() if key != "required"}
    if "properties" in parts and issubclass_event(schema):
        parts["properties"].pop("type", None)
    if "required" in schema:
        parts["required"] = [name for name in schema["required"] if name in parts.get("properties", {})]
    return parts


def issubclass_event(schema: dict[str, Any]) -> bool:
    return "const" in schema.get("properties", {}).get("type", {})


conversation_filters = [
    OpenApiParameter("status", str, description="waiting, assigned, active, snoozed, closed, open, pending, all"),
    OpenApiParameter("search", str, description="The contact's name or phone, or any message's content."),
    OpenApiParameter("inbox", str, description="An inbox's id."),
    OpenApiParameter("assignee", str, description="A user's id, `me` or `none`."),
    OpenApiParameter("team", str, description="A team's id."),
    OpenApiParameter("contact", str, description="A contact's id."),
    OpenApiParameter("label", str, description="A label's name."),
    OpenApiParameter(
        "ordering", str, description="last_message_time, created_at or waiting_since, with `-` for descending."
    ),
    OpenApiParameter("limit", str, description="1 to 200, default 50."),
    OpenApiParameter("offset", str),
]
message_filters = [
    OpenApiParameter("limit", str, description="1 to 200, default 100."),
    OpenApiParameter("offset", str, description="Counted from the newest message."),
    OpenApiParameter("before", str, description="A message's id, or a time."),
    OpenApiParameter("after", str, description="A message's id, or a time."),
]
paging = [OpenApiParameter("limit", str, description="1 to 200, default 50."), OpenApiParameter("offset", str)]
