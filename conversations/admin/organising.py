"""Teams and labels, and the times that metrics are counted from."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.backoffice.columns import number_of
from accounts.backoffice.pages import TenantAdmin
from conversations.models import Label, OpenInterval, ReplyTime, Team

CONVERSATION = number_of("conversation", _("conversation"))


@admin.register(Team)
class TeamsAdmin(TenantAdmin[Team]):
    list_display = ["name", "people", "created_at"]
    list_select_related = ["tenant"]
    search_fields = ["name"]
    fields = ["tenant", "name", "members", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return super().get_queryset(request).prefetch_related("members")

    @admin.display(description=_("members"))
    def people(self, row: Team) -> str:
        return ", ".join(sorted(user.name for user in row.members.all()))


@admin.register(Label)
class LabelsAdmin(TenantAdmin[Label]):
    list_display = ["name", "colour", "created_at"]
    list_select_related = ["tenant"]
    search_fields = ["name"]
    fields = ["tenant", "name", "colour", "created_at"]


@admin.register(OpenInterval)
class OpenIntervalsAdmin(TenantAdmin[OpenInterval]):
    """Stretches of time in which conversations were open: what metrics are counted from."""

    list_display = ["id", CONVERSATION, "opened_at", "closed_at"]
    list_select_related = ["tenant"]
    search_fields = ["=conversation__id"]
    ordering = ["-pk"]
    fields = ["tenant", "conversation", "opened_at", "closed_at"]


@admin.register(ReplyTime)
class ReplyTimesAdmin(TenantAdmin[ReplyTime]):
    """How long customers waited for answers: what metrics are counted from."""

    list_display = ["id", CONVERSATION, "turn", "waited_from", "replied_at"]
    list_select_related = ["tenant"]
    search_fields = ["=conversation__id"]
    ordering = ["-pk"]
    fields = ["tenant", "conversation", "user", "turn", "waited_from", "replied_at", "seconds"]
