from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = _("Dashboard")

    def ready(self) -> None:
        """Tell of colleagues and customers who come or go, and new numbers when something that moves them was told.

        The one inversion: below us nobody knows what presence and metrics are.
        """
        from dashboard import freshness, presence  # noqa: PLC0415 - models are there only now
        from realtime import leases  # noqa: PLC0415
        from realtime.publish import when_published  # noqa: PLC0415

        when_published(freshness.moves_numbers, freshness.went_stale)
        leases.when_somebody_comes.append(presence.came)
        leases.when_somebody_goes.append(presence.went)
        leases.when_a_customer_comes.append(presence.customer_came)
        leases.when_a_customer_goes.append(presence.customer_went)
