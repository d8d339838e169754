"""What a workflow achieved, in answers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pydantic import Field

from api.models.values import Answer
from journeys.confidence import chances_to_be_best, rate
from journeys.definition import BestOfBlock, Definition, Goal, MessageBlock
from storage.repositories.results import Compared, GoalResult, Results


class RateAnswer(Answer):
    """A share between 0 and 1, and where the true one lies with 95 % confidence."""

    value: float
    low: float
    high: float


class GroupAnswer(Answer):
    """Contacts who entered, or were held back, and how many of them reached the goal."""

    contacts: int
    converted: int
    rate: RateAnswer | None = Field(description="Null while nobody is in it.")


class WorthAnswer(Answer):
    """What conversions were worth, in one currency."""

    currency: str | None = Field(description="Null for events that name none.")
    value: Decimal


class GoalAnswer(Answer):
    """A goal of the workflow."""

    name: str
    event: str
    within: str
    conversions: int = Field(description="Events that came in time after a message.")
    contacts: int = Field(description="Who did so, each once.")
    worth: list[WorthAnswer]
    entered: GroupAnswer = Field(description="Who entered, by what they did after that.")
    control: GroupAnswer | None = Field(
        description="Who was held back. Null in a workflow without a control group."
    )
    lift: float | None = Field(
        description="By how much those who entered do better: 0.2 is a fifth more. Null where the"
        " control group has no conversion yet."
    )
    better: float | None = Field(
        description="How likely it is that entering helps at all, between 0 and 1."
    )


class VariantAnswer(Answer):
    """One of the messages that a block chooses from."""

    template: str
    sent: int
    delivered: int
    opened: int
    clicked: int
    open_rate: RateAnswer | None
    click_rate: RateAnswer | None
    best: float = Field(description="How likely it is clicked most of them all, from 0 to 1.")
    conversions: dict[str, int] = Field(
        description="By goal: to how many of these messages one was put down."
    )


class ExperimentAnswer(Answer):
    """A block that sends one of several messages."""

    block: str
    kind: str
    variants: list[VariantAnswer]


class ResultsAnswer(Answer):
    """Goals and comparisons of a workflow."""

    goals: list[GoalAnswer]
    experiments: list[ExperimentAnswer]


def compared_blocks(definition: Definition) -> dict[str, list[str]]:
    """The blocks that choose between messages, with the templates that are named for them."""
    found: dict[str, list[str]] = {}
    for block in definition.blocks:
        if isinstance(block, MessageBlock) and block.variants:
            found[block.id] = [block.template, *(one.template for one in block.variants)]
        elif isinstance(block, BestOfBlock):
            found[block.id] = list(block.templates)
    return found


def results_answer(definition: Definition, results: Results) -> ResultsAnswer:
    """Put the counts beside what the definition asks for."""
    blocks = definition.by_id()
    return ResultsAnswer(
        goals=[_goal(definition, goal, results) for goal in definition.goals],
        experiments=[
            ExperimentAnswer(
                block=id_, kind=blocks[id_].kind, variants=_variants(id_, named, results)
            )
            for id_, named in compared_blocks(definition).items()
        ],
    )


def _goal(definition: Definition, goal: Goal, results: Results) -> GoalAnswer:
    found = results.goals.get(goal.name, GoalResult())
    entered = _group(found.treated, results.entered)
    control = _group(found.held_back, results.held_back) if definition.control else None
    both = control is not None and entered.contacts and control.contacts
    return GoalAnswer(
        name=goal.name,
        event=goal.event,
        within=goal.within,
        conversions=found.conversions,
        contacts=found.credited,
        worth=[WorthAnswer(currency=c, value=value) for c, value in found.worth.items()],
        entered=entered,
        control=control,
        lift=_lift(entered, control),
        better=chances_to_be_best([_pair(entered), _pair(control)])[0]
        if both and control is not None
        else None,
    )


def _group(converted: int, contacts: int) -> GroupAnswer:
    return GroupAnswer(contacts=contacts, converted=converted, rate=_rate(converted, contacts))


def _pair(group: GroupAnswer) -> tuple[int, int]:
    return group.converted, group.contacts


def _lift(entered: GroupAnswer, control: GroupAnswer | None) -> float | None:
    if control is None or control.rate is None or entered.rate is None or not control.rate.value:
        return None
    return entered.rate.value / control.rate.value - 1


def _rate(succeeded: int, tried: int) -> RateAnswer | None:
    found = rate(succeeded, tried)
    if found is None:
        return None
    return RateAnswer(value=found.value, low=found.low, high=found.high)


def _variants(block: str, named: Sequence[str], results: Results) -> list[VariantAnswer]:
    counted = {one.template: one for one in results.compared if one.block == block}
    templates = [*named, *(key for key in counted if key not in named)]
    rows = [counted.get(key, Compared(block, key, 0, 0, 0, 0)) for key in templates]
    chances = chances_to_be_best([(row.clicked, row.sent) for row in rows])
    return [
        VariantAnswer(
            template=row.template,
            sent=row.sent,
            delivered=row.delivered,
            opened=row.opened,
            clicked=row.clicked,
            open_rate=_rate(row.opened, row.sent),
            click_rate=_rate(row.clicked, row.sent),
            best=chance,
            conversions=results.credited.get((block, row.template), {}),
        )
        for row, chance in zip(rows, chances, strict=True)
    ]
