"""Companies, people, and what stands for them; and `TenantModel`, which every row of the trade descends from."""

from accounts.models.credentials import FAILURES_KEPT, RANK, AuthSession, ClientKey, LoginFailure
from accounts.models.people import LONGEST_LOGIN, Membership, Tenant, User
from accounts.models.tenancy import TenantModel

__all__ = [
    "FAILURES_KEPT",
    "LONGEST_LOGIN",
    "RANK",
    "AuthSession",
    "ClientKey",
    "LoginFailure",
    "Membership",
    "Tenant",
    "TenantModel",
    "User",
]
