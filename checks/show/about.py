"""What to look at, in a few words: the end of the first line of every card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from checks.model import Evidence
from checks.show.numbers import listed

Detail = Mapping[str, Any]


def about(seen: Evidence) -> str:
    """Say what of a function some evidence is about: an array, and what of it."""
    told: str | Callable[[Detail], str]
    if seen.kind == "problem":
        told = _OF_PROBLEMS.get(str(seen.detail.get("problem")), "")
    else:
        told = _OF_KINDS.get(seen.kind, "")
    return told if isinstance(told, str) else told(seen.detail)


def _value(d: Detail) -> str:
    what = "the value of" if d.get("size") == 1 else "the numbers of"
    return f"{what} {d['name']}"


def _length(d: Detail) -> str:
    return "how many steps" if d["name"] == "steps" else f"the length of {d['name']}"


_OF_PROBLEMS: dict[str, str | Callable[[Detail], str]] = {
    "raised": lambda d: f"raises {d.get('error', 'an error')}",
    "timeout": "does not end",
    "died": "ends its process",
    "unfinished": "a line that does not end",
    "import": "an import",
    "refused": "an import",
    "syntax": "its syntax",
    "not_callable": "its name",
    "unreadable": "its file",
}

_OF_KINDS: dict[str, str | Callable[[Detail], str]] = {
    "value": _value,
    "outside": lambda d: f"{d['name']} at a bend",
    "shape": lambda d: f"the shape of {d['name']}",
    "dtype": lambda d: f"the dtype of {d['name']}",
    "kept": lambda d: f"the dtype of {d['name']}",
    "type": lambda d: f"the type of {d['name']}",
    "nonfinite": lambda d: f"{d['name']} is not finite",
    "returned_none": "returns None",
    "result_none": lambda d: f"{d['name']} is None",
    "count": "how many results",
    "changed": lambda d: f"changes {listed(d['changed'][:3])}",
    "unsteady": "what outlives a call",
    "refused": "what it accepts",
    "nan": "what it makes of nan",
    "config": "the config that it returns",
    "forgot": "the config that it returns",
    "keys": lambda d: f"the keys of {d['name']}",
    "needs": lambda d: f"needs {d['needs']}",
    "spread": lambda d: f"the spread of {d['name']}",
    "drawn": lambda d: f"how {d['name']} begins",
    "refused_setting": "what it refuses",
    "learns": "the loss does not fall",
    "length": _length,
    "attribute": lambda d: f"its {d['name']}",
    "minibatch": "the minibatches",
    "afresh": "the minibatches",
    "rate": "the learning rate",
    "own_config": "the configs",
    "accuracy": lambda d: f"the numbers of {d['name']}",
    "looked": "what check_accuracy looks at",
    "best": "the best parameters",
    "lost": "the net's params",
}
