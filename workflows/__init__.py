"""Temporal workflow code only: deterministic, no I/O."""

from workflows.contact_journey import ContactJourney
from workflows.reconciliation import Reconciliation

WORKFLOWS = (ContactJourney, Reconciliation)
"""Every workflow type a worker runs."""

__all__ = ["WORKFLOWS", "ContactJourney", "Reconciliation"]
