"""The Django admin of the product: what every app's admin.py builds on.

It reads, tenant by tenant. What it changes it changes by buttons, each of which calls one action.
"""
