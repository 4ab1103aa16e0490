"""Wrong variants and their verdict cards, shuffled, for the exercises "find the bug"."""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Sequence
from functools import cache

import reference
from checks.exercises import EXERCISES, by_name
from checks.mistakes.catalogue import mistakes_of
from checks.mistakes.entry import Mistake
from checks.model import Exercise, Probe, Report
from checks.run import run
from checks.show.cards import Ways, cards
from checks.show.terminal import card_text
from checks.student import Files, InProcess

SEED = 7


def lineup(name: str, n: int = 3, *, seed: int = SEED, answers: bool = False) -> None:
    """Print the code of wrong variants under letters, and their cards under numbers.

    Args:
        name: the function whose variants are wanted.
        n: how many.
        seed: draws the variants and the order; the same on every machine.
        answers: print which card belongs to which letter, and why, instead.
    """
    chosen, order = _drawn(name, n, seed)
    if answers:
        for letter, mistake in zip(_letters(n), chosen, strict=True):
            number = order.index(chosen.index(mistake)) + 1
            print(f"{letter} is card {number}. {mistake.sentence}")
        return
    for letter, mistake in zip(_letters(n), chosen, strict=True):
        print(f"{letter}\n{textwrap.indent(mistake.shown, '    ')}\n")
    for number, which in enumerate(order, start=1):
        print(f"{number}\n{textwrap.indent(card(chosen[which]), '    ')}\n")


def messages(*mistakes: str) -> None:
    """Print verdict cards, each below what the student did.

    Args:
        mistakes: names from the catalogue, such as "affine_backward/db_is_a_mean".
    """
    for number, name in enumerate(mistakes, start=1):
        function, _, which = name.partition("/")
        (mistake,) = (one for one in mistakes_of(function) if one.name == which)
        print(f"{number}. {mistake.sentence}\n")
        print(f"{textwrap.indent(card(mistake), '    ')}\n")


def card(mistake: Mistake) -> str:
    """The verdict on one variant, as a reader would see it."""
    made = cards(report_on(mistake), {one.name: one for one in EXERCISES}, Ways())
    return "\n\n".join(card_text(one) for one in made)


@cache
def report_on(mistake: Mistake) -> Report:
    """What comes of one variant, in a file of its own beside what it builds on."""
    exercise = by_name(mistake.function)
    student = InProcess(Files(_files(mistake, exercise)), {exercise.name: "yours"})
    try:
        return run((exercise,), student, SEED)
    finally:
        student.close()


def _files(mistake: Mistake, exercise: Exercise) -> dict[str, str]:
    """The variant as a file, whose lines are those that are printed, and what it builds on."""
    homes: dict[str, list[str]] = {}
    for name in exercise.after:
        homes.setdefault(getattr(reference, name).__module__, []).append(name)
    imports = ["import numpy as np"]
    texts = {}
    for module, names in homes.items():
        stem = module.rpartition(".")[2]
        text = inspect.getsource(sys.modules[module])
        texts[f"{stem}.py"] = text.replace("from reference.", "from ")
        imports.append(f"from {stem} import {', '.join(names)}")
    texts["yours.py"] = "\n\n\n".join([mistake.source, "\n".join(imports)]) + "\n"
    return texts


def _drawn(name: str, n: int, seed: int) -> tuple[Sequence[Mistake], list[int]]:
    """Variants whose cards differ, and the order in which the cards are shown."""
    known = mistakes_of(name)
    rng = Probe(seed, "lineup", name).rng
    chosen: list[Mistake] = []
    seen: set[str] = set()
    for which in rng.permutation(len(known)):
        if len(chosen) == n:
            break
        text = card(known[which])
        if text not in seen:
            chosen.append(known[which])
            seen.add(text)
    if len(chosen) < n:
        raise ValueError(
            f"{len(chosen)} different mistakes of {name} are known; {n} were asked for"
        )
    order = [int(i) for i in rng.permutation(n)]
    if n > 1 and order == list(range(n)):
        order = order[1:] + order[:1]
    return chosen, order


def _letters(n: int) -> list[str]:
    return [chr(ord("A") + i) for i in range(n)]
