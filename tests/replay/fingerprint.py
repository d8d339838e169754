"""The calls of a workflow module that issue Temporal commands, in source order."""

from __future__ import annotations

import ast
from pathlib import Path

COMMANDS = {
    "continue_as_new",
    "deprecate_patch",
    "execute_activity",
    "execute_child_workflow",
    "execute_local_activity",
    "patched",
    "sleep",
    "start_activity",
    "start_child_workflow",
    "start_local_activity",
    "upsert_memo",
    "upsert_search_attributes",
    "wait_condition",
}


def fingerprint(module: Path) -> list[str]:
    """Each command call as `function: call(first literal argument)`, in the order of the source."""
    tree = ast.parse(module.read_text())
    found: list[str] = []
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in COMMANDS
            ):
                first = node.args[0] if node.args else None
                name = first.value if isinstance(first, ast.Constant) else ""
                found.append(f"{function.name}: {node.func.attr}({name})")
    return found
