"""Tasks that differ from student to student: what ``checks start DIR --variant ID`` hands out."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from checks.model import Exercise
from checks.tasks.affine import STORED
from checks.tasks.optim import BLENDED, FADING
from checks.tasks.relu import BENT, SMOOTH
from checks.tasks.softmax import HINGE, SOFT
from checks.tasks.task import FILE, Task, tidy
from checks.tasks.two_layer_net import PENALTY, WEIGHTED

__all__ = ["FILE", "MARK", "TASKS", "Task", "exercises_of", "marks_in", "named_in", "tidy"]

TASKS: tuple[Task, ...] = (
    STORED,
    SOFT,
    HINGE,
    BENT,
    SMOOTH,
    WEIGHTED,
    PENALTY,
    BLENDED,
    FADING,
)

MARK = "CHECKS_VARIANT"  # an assignment, so that it survives in a notebook, too
_MARK = re.compile(rf"^{MARK} *= *((['\"]).*?(?<!\\)\2) *(?:#.*)?$", re.MULTILINE)


def exercises_of(variant: str) -> tuple[Exercise, ...]:
    """The exercises that an ID draws, in the order of the tasks; none for no ID.

    Args:
        variant: an ID as ``tidy`` gives it, or "".
    """
    return tuple(one for task in TASKS for one in task.exercises(variant)) if variant else ()


def named_in(name: str) -> Task | None:
    """The task that a function belongs to, whatever its version."""
    return next((task for task in TASKS for part in task.parts if part.name == name), None)


def marks_in(texts: Mapping[str, str]) -> dict[str, str]:
    """What the files of a student say about whose tasks they answer: the ID, by file.

    Raises:
        ValueError: one of them holds no ID; the sentence names the file.
    """
    found = {}
    for path, text in texts.items():
        for line in _MARK.finditer(text):
            try:
                found[path] = tidy(str(ast.literal_eval(line[1])))
            except (ValueError, SyntaxError) as error:
                raise ValueError(f"{path} says {line[0].strip()[:90]}, but {error}") from None
    return found
