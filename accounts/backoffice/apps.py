from django.contrib.admin.apps import AdminConfig


class BackofficeConfig(AdminConfig):
    """Django's admin with our site; every app's admin.py is found by it."""

    default_site = "accounts.backoffice.site.BackofficeSite"
