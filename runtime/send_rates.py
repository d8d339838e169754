"""How fast messages leave for providers altogether: limits of Temporal's task queues."""

from __future__ import annotations

from collections.abc import Mapping

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import RateLimit
from temporalio.api.workflowservice.v1 import UpdateTaskQueueConfigRequest
from temporalio.client import Client

from workflows.names import send_queue

_Update = UpdateTaskQueueConfigRequest.RateLimitUpdate


async def ensure_send_rates(
    client: Client, task_queue_prefix: str, rates: Mapping[str, float]
) -> None:
    """Give the queue of each named channel its rate (messages a second); others stay as they are.

    The server keeps it and shares it out over all workers. Safe to call by every worker.
    """
    for channel, rate in rates.items():
        await client.workflow_service.update_task_queue_config(
            UpdateTaskQueueConfigRequest(
                namespace=client.namespace,
                task_queue=send_queue(task_queue_prefix, channel),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
                update_queue_rate_limit=_Update(
                    rate_limit=RateLimit(requests_per_second=rate), reason="SOJOURN_SEND_RATES"
                ),
            )
        )
