from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = "Dashboard"

    def ready(self) -> None:
        """Tell colleagues when somebody comes or goes. The one inversion: below us nobody knows what presence is."""
        from dashboard import presence  # noqa: PLC0415 - models are there only now
        from realtime import leases  # noqa: PLC0415

        leases.when_somebody_comes.append(presence.came)
        leases.when_somebody_goes.append(presence.went)
