from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = _("Dashboard")

    def ready(self) -> None:
        """Tell colleagues when somebody comes or goes, and new numbers when something was published that moves them.

        The one inversion: below us nobody knows what presence and metrics are.
        """
        from dashboard import freshness, presence  # noqa: PLC0415 - models are there only now
        from realtime import leases  # noqa: PLC0415
        from realtime.publish import when_published  # noqa: PLC0415

        when_published(freshness.moves_numbers, freshness.went_stale)
        leases.when_somebody_comes.append(presence.came)
        leases.when_somebody_goes.append(presence.went)
