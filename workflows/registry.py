"""Every workflow type a worker runs. Not imported by workflow code: the sandbox loads little."""

from __future__ import annotations

from workflows.contact_journey import ContactJourney
from workflows.reconciliation import Reconciliation

WORKFLOWS = (ContactJourney, Reconciliation)
