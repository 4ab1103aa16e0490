"""Make a class of students out of right variants and known mistakes: ``python -m tests.a_class``.

Each student has an ability, and each function of theirs is right, holds a known mistake,
or was never begun, more or less often by that ability. The seed fixes the class.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import sys
import textwrap
from pathlib import Path

import numpy as np

import reference
from checks.exercises import EXERCISES
from checks.mistakes.catalogue import mistakes_of
from checks.refusal import write

VARIANTS = Path(__file__).parent / "variants"
STYLES = ("dot_and_prod", "einsum", "flat_and_shape", "loops", "ones_vector", "strided")
BOOK = tuple(one.name for one in EXERCISES if not one.variation)
WHOLE = {  # classes that need nothing but NumPy and the functions of the book
    "TwoLayerNet": ["net_inline", "net_loops"],
    "FullyConnectedNet": ["deep_inline", "deep_loops"],
    "Solver": ["net_inline"],
}
LAYERS = BOOK[: BOOK.index("TwoLayerNet")]
FIRST = (
    *("Ada", "Alan", "Barbara", "Carl", "Dorothy", "Edsger", "Emmy", "Grace", "Hedy", "Ida"),
    *("John", "Katherine", "Leslie", "Mary", "Niklaus", "Sofia", "Tim", "Yoshua", "Radia"),
)
LAST = (
    *("Abbot", "Bauer", "Chen", "Diaz", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito"),
    *("Jansen", "Kaya", "Lopez", "Moreau", "Nair", "Okafor", "Petrov", "Quinn", "Rossi"),
)


def main() -> None:
    """Write the class into a folder."""
    parser = argparse.ArgumentParser(prog="python -m tests.a_class", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    if asked.folder.exists():
        sys.exit(f"{asked.folder} is there already; a class needs a folder of its own")
    rng = np.random.default_rng(asked.seed)
    for number in range(asked.students):
        name = f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]}"
        folder = f"{name}_{1000 + number}_assignsubmission_file"
        write(asked.folder / folder / "work.py", a_submission(rng))
    print(f"{asked.students} students in {asked.folder}")


def a_submission(rng: np.random.Generator) -> str:
    """The one file of a student."""
    ability = rng.beta(4, 1.6)
    style = rng.choice([*STYLES, ""]) if rng.random() < 0.5 else ""
    last = int(len(BOOK) * min(1.0, ability + 0.45 * rng.random()))
    parts = ["import math\nimport random\n\nimport numpy as np"]
    for place, name in enumerate(BOOK):
        if place >= last:
            parts.append(a_stub(name))
        elif rng.random() < ability**0.5:
            parts.append(a_right_one(name, style, rng))
        else:
            wrong = mistakes_of(name)
            parts.append(wrong[rng.integers(len(wrong))].source)
    return "\n\n\n".join(parts) + "\n"


def a_stub(name: str) -> str:
    """What the book hands out."""
    return next(one.stub for one in EXERCISES if one.name == name).strip()


def a_right_one(name: str, style: str, rng: np.random.Generator) -> str:
    """A variant of it that stands alone, or the book's own without its comments."""
    if name in WHOLE:
        return _alone(VARIANTS / f"{rng.choice(WHOLE[name])}.py", name)
    if style and name in LAYERS:
        text = _alone(VARIANTS / f"{style}.py", name)
        if text:
            return text
    return ast.unparse(ast.parse(textwrap.dedent(inspect.getsource(getattr(reference, name)))))


def _alone(path: Path, name: str) -> str:
    """One function or class of a file, if it leans on no other that is defined there."""
    tree = ast.parse(path.read_text("utf-8"))
    known = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef)}
    others = set(known) - {name} - set(BOOK)
    return ast.unparse(known[name]) if name in known and not _leans_on(known[name], others) else ""


def _leans_on(node: ast.stmt, others: set[str]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in others for part in ast.walk(node))


if __name__ == "__main__":
    main()
