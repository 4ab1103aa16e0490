"""Judge code that was written along the book, and say what is wrong with it.

``import checks`` loads this file and nothing else: each public name is resolved
when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checks.by_slopes import gradient_check as gradient_check
    from checks.gradient import eval_numerical_gradient as eval_numerical_gradient
    from checks.gradient import eval_numerical_gradient_array as eval_numerical_gradient_array
    from checks.gradient import grad_check_sparse as grad_check_sparse
    from checks.notebook import check as check
    from checks.notebook import mine_or_reference as mine_or_reference
    from reference.numeric_gradients import numeric_gradient as numeric_gradient
    from reference.numeric_gradients import rel_error as rel_error

_HOME = {
    "check": "checks.notebook",
    "eval_numerical_gradient": "checks.gradient",
    "eval_numerical_gradient_array": "checks.gradient",
    "grad_check_sparse": "checks.gradient",
    "gradient_check": "checks.by_slopes",
    "mine_or_reference": "checks.notebook",
    "numeric_gradient": "reference.numeric_gradients",
    "rel_error": "reference.numeric_gradients",
}

__all__ = [
    "check",
    "eval_numerical_gradient",
    "eval_numerical_gradient_array",
    "grad_check_sparse",
    "gradient_check",
    "mine_or_reference",
    "numeric_gradient",
    "rel_error",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'checks' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
