"""Storage seen from above: repositories, a unit of work, a registry."""

from .repository import AuditTrail, Repository, Sluggish
from .unit_of_work import UnitOfWork

__all__ = ["AuditTrail", "Repository", "Sluggish", "UnitOfWork"]
