"""How a view is described in the OpenAPI document."""

from __future__ import annotations

from drf_standardized_errors.openapi import AutoSchema


class Schema(AutoSchema):
    """Operations with their refusals, in the contract's shape."""
