"""What an action of the trade may refuse, each with its code from `accounts.errors.STATUS`."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from accounts.errors import Forbidden, Refused


class ConversationClosed(Refused):
    code = "conversation_closed"
    detail = _("The conversation is closed; reopen it to write.")


class ConversationOpen(Refused):
    code = "conversation_open"
    detail = _("This contact already has an open conversation in this inbox.")


class Crossed(Refused):
    code = "conflict"
    detail = _("Something else happened to this conversation at the same moment; send it again.")


class AlreadyAssigned(Refused):
    code = "already_assigned"

    def __init__(self, owner: str) -> None:
        super().__init__(
            _("%(owner)s already has this conversation; transfer it instead."), {"owner": owner}, attr="user_id"
        )


class NotAssignable(Refused):
    code = "not_assignable"
    detail = _("This person may not see the conversation's inbox.")


class NotFailed(Refused):
    code = "not_failed"
    detail = _("Only a message of ours that could not be delivered can be sent again.")


class NotUncertain(Refused):
    code = "not_uncertain"
    detail = _("Only a message of which nobody knows whether it arrived can be left at that.")


class WindowClosed(Refused):
    code = "window_closed"
    detail = _("The customer wrote more than 24 hours ago: only an approved template may be sent now.")


class NotThereYet(Exception):
    """A provider speaks of a message that we do not have, or not yet."""


class EmptyMessage(Refused):
    code = "empty"

    def __init__(self) -> None:
        super().__init__(_("Write something, or attach a file."), attr="content")


class NotYourMessage(Forbidden):
    detail = _("Only its author, or a supervisor, may delete a message.")


class BadRating(Refused):
    code = "bad_rating"

    def __init__(self) -> None:
        super().__init__(_("A rating is a whole number from 1 to 5."), attr="rating")


class SurveyExpired(Refused):
    code = "survey_expired"
    detail = _("This survey has closed.")


class IdentityInvalid(Refused):
    code = "identity_invalid"
    detail = _("The identifier's signature is wrong.")


class OriginForbidden(Refused):
    code = "origin_forbidden"
    detail = _("This site is not on the inbox's list.")


class FileTooLarge(Refused):
    code = "payload_too_large"


class EmptyFile(Refused):
    code = "empty_file"
    detail = _("The file is empty.")


class Incomplete(Refused):
    """A template lacks a variable, or its file; `attr` names which."""

    code = "template_incomplete"


class TypeMismatch(Refused):
    code = "type_mismatch"
    detail = _("The file is not what its name says.")
