"""What a message says to the customer, in every channel alike."""

from __future__ import annotations

from conversations.models import Message, Survey


def spoken(message: Message) -> str:
    """The text; a survey's link is added only here, so that no agent can answer for the customer."""
    survey = Survey.asked_by(message)
    return f"{message.content}\n{survey.url}" if survey else message.content
