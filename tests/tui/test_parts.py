"""Rules that keep whole kinds of fault out of the face."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache

from textual.message_pump import MessagePump

import meshconf.tui

MODULES = [importlib.import_module(one.name) for one in pkgutil.walk_packages(meshconf.tui.__path__, "meshconf.tui.")]
SEARCHES = {"query", "query_one", "query_exactly_one", "query_children", "get_child_by_id", "get_widget_by_id"}


@cache
def private_names(module: str) -> set[str]:
    """Private names that a module of Textual uses on `self` or defines."""
    return set(re.findall(r"(?:self\.|def )(_[a-z]\w*)", inspect.getsource(importlib.import_module(module))))


def names_of_its_own(cls: type) -> Iterator[str]:
    """Private attributes and methods that the source of a class sets."""
    for node in ast.walk(ast.parse(inspect.getsource(cls))):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr.startswith("_"):
            yield node.attr
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and re.match("_[a-z]", node.name):
            yield node.name


def test_no_part_of_the_face_is_searched_for() -> None:
    """Widgets hold their parts, so news that comes before mounting or after removal finds something to draw on."""
    for module in MODULES:
        nodes = ast.walk(ast.parse(inspect.getsource(module)))
        assert not {node.attr for node in nodes if isinstance(node, ast.Attribute)} & SEARCHES, module.__name__


def test_no_private_name_of_textual_is_taken() -> None:
    """A screen that sets `_closed`, say, would be taken for closed by Textual and get no messages any more."""
    for module in MODULES:
        for name, cls in inspect.getmembers(module, inspect.isclass):
            if cls.__module__ == module.__name__ and issubclass(cls, MessagePump):
                theirs = (base.__module__ for base in cls.__mro__ if base.__module__.startswith("textual"))
                assert not set(names_of_its_own(cls)) & set().union(*map(private_names, theirs)), name
