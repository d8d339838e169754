"""Liquid for people we do not trust: no files, no includes, and an end to every loop and value.

A template sees only plain data (strings, numbers, lists, mappings), so there is nothing to reach
into. What is left to guard against is work without end; four bounds do that, and each ends the
rendering with a `ResourceLimitError` that names it:

- the source is checked in one linear pass before Liquid's own regular expressions see it, because
  those take quadratic time on unclosed tags;
- ranges, loop iterations (all loops of a template together) and the nesting of blocks are counted;
- every value is bounded in size, before a filter would build it where a filter multiplies sizes;
- processor time is bounded, looked at in every iteration, assignment and filter.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from liquid import BoundTemplate, Environment, Mode, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import primitive
from liquid.exceptions import LiquidSyntaxError, ResourceLimitError
from liquid.expression import Expression
from liquid.output import LimitedStringIO
from liquid.token import Token
from liquid.undefined import UNDEFINED, Undefined

from journeys.liquid_filters import FILTERS, bounded
from journeys.liquid_source import check_source

MAX_OUTPUT = 512 * 1024
"""Bytes of one rendered part."""
MAX_ITERATIONS = 20_000
"""Iterations of all loops of one part together."""
MAX_RANGE = 10_000
"""Numbers in `(1..n)`."""
MAX_VARIABLES = 256 * 1024
"""Bytes of everything assigned or captured."""
MAX_GAPS = 1000
"""Printed data that was missing, noted for one part."""
MAX_CPU = 0.3
"""Seconds of processor time for one part."""


class CpuLimitError(ResourceLimitError):
    """The rendering took too much processor time."""


class Gap(NamedTuple):
    """What a template printed although there is no such data: its path, and the line."""

    path: str
    line: int | None


class Missing(Undefined):
    """Data that is not there: prints nothing, and notes that it was printed."""

    __slots__ = ("notes",)
    notes: list[Gap]

    def __str__(self) -> str:
        notes: list[Gap] | None = getattr(self, "notes", None)
        if notes is not None and len(notes) < MAX_GAPS:
            path = (self.hint or self.name).removesuffix(" is undefined").strip("'")
            notes.append(Gap(path, line_of(self.token)))
        return ""


def line_of(token: Token | None) -> int | None:
    """The line of the source, from 1, on which a token is."""
    return token.source.count("\n", 0, token.start_index) + 1 if token is not None else None


class BoundedContext(RenderContext):
    """Counts iterations, and looks at the processor's clock wherever work can repeat itself."""

    __slots__ = ("_deadline", "_iterations", "missing")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.missing: list[Gap] = []
        self._iterations = 0
        self._deadline = time.thread_time() + MAX_CPU

    def end_by(self, deadline: float) -> None:
        """Leave no more processor time than until then."""
        self._deadline = min(self._deadline, deadline)

    def tick(self) -> None:
        """Raise when the time is up."""
        if time.thread_time() > self._deadline:
            raise CpuLimitError(f"it took more than {MAX_CPU:g} s of computing", token=None)

    def get(
        self, path: list[object], *, token: Token | None, default: object = UNDEFINED
    ) -> object:
        """The value at a path; one that is missing notes that it was printed."""
        value = super().get(path, token=token, default=default)
        if isinstance(value, Missing):
            value.notes = self.missing
        return value

    def loop(self, namespace: Any, forloop: Any) -> Any:
        """Enter a loop."""
        forloop.it = self._counted(forloop.it)
        return super().loop(namespace, forloop)

    def _counted(self, items: Iterator[Any]) -> Iterator[Any]:
        for item in items:
            self._iterations += 1
            if self._iterations > MAX_ITERATIONS:
                raise ResourceLimitError(
                    f"its loops ran more than {MAX_ITERATIONS:,} times", token=None
                )
            self.tick()
            yield item

    def assign(self, key: str, val: Any) -> None:
        """Set a variable."""
        self.tick()
        super().assign(key, val)

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        """Find a filter that is about to be used."""
        self.tick()
        return super().filter(name, token)


class _BoundedRange(primitive.RangeLiteral):
    """A range literal that refuses to become a long range: slicing one would count through it."""

    __slots__ = ()

    def _make_range(self, start: Any, stop: Any) -> range:
        numbers = super()._make_range(start, stop)
        # Two comparisons instead of len(), which overflows on huge ranges.
        if numbers.stop - numbers.start > MAX_RANGE:
            raise ResourceLimitError(
                f"a range has more than {MAX_RANGE:,} numbers", token=self.token
            )
        return numbers


class SandboxTemplate(BoundTemplate):
    """A parsed template whose renderings are bounded."""

    context_class = BoundedContext


class Sandbox(Environment):
    """Liquid's standard tags and filters within bounds, without `include`, `render` and files."""

    template_class = SandboxTemplate
    block_nesting_limit = 20
    context_depth_limit = 30
    loop_iteration_limit = MAX_ITERATIONS
    local_namespace_limit = MAX_VARIABLES
    output_stream_limit = MAX_OUTPUT

    def __init__(self, *, autoescape: bool) -> None:
        super().__init__(tolerance=Mode.STRICT, autoescape=autoescape, undefined=Missing)

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register what templates may use."""
        super().setup_tags_and_filters(extra=extra)
        for tag in ("include", "render"):
            del self.tags[tag]
        self.filters.update(FILTERS)
        for name, function in self.filters.items():
            self.filters[name] = bounded(name, function)

    def _parse(self, source: str) -> list[Node]:
        check_source(source)
        nodes = super()._parse(source)
        context = RenderContext(BoundTemplate(self, nodes))
        for node in nodes:
            _check(self, node, context)
        return nodes


def _check(env: Sandbox, node: Node, context: RenderContext) -> None:
    """Bound the ranges below a node, and refuse unknown filters now rather than when rendering."""
    for expression in node.expressions():
        _check_expression(env, expression)
    for child in node.children(context, include_partials=False):
        _check(env, child, context)


def _check_expression(env: Sandbox, expression: Expression) -> None:
    if type(expression) is primitive.RangeLiteral:
        expression.__class__ = _BoundedRange
    for used in (
        *(getattr(expression, "filters", None) or ()),
        *(getattr(expression, "tail_filters", None) or ()),
    ):
        if used.name not in env.filters:
            raise LiquidSyntaxError(f"there is no filter {used.name!r}", token=used.token)
    for child in expression.children():
        _check_expression(env, child)


HTML = Sandbox(autoescape=True)
"""For HTML and MJML: what comes from data is escaped unless it is passed through `safe`."""
TEXT = Sandbox(autoescape=False)
"""For subjects, plain text and the parts of push messages."""


def render_bounded(
    template: BoundTemplate, variables: Mapping[str, object], deadline: float | None = None
) -> tuple[str, list[Gap]]:
    """The template's text, and what it printed although there was no such data.

    `deadline` is a moment of this thread's processor time by which it must be done, if that comes
    before its own bound. Raises LiquidError (ResourceLimitError for a bound), or what a filter
    raised on odd values.
    """
    context = BoundedContext(template, globals=variables)
    if deadline is not None:
        context.end_by(deadline)
    buffer = LimitedStringIO(limit=MAX_OUTPUT)
    template.render_with_context(context, buffer)
    return buffer.getvalue(), context.missing
