"""What ``checks PATH`` and ``checks watch PATH`` can be told."""

from __future__ import annotations

import argparse

SEED = 7
SECONDS = 10.0
DETAILS = ("evidence", "pattern", "equation")

USAGE = """\
checks PATH [-k NAME] [--hint] [--explain ARRAY] [...]
       checks watch PATH [the same]"""

CODES = """\
exit codes: 0 all that was selected passes; 1 something fails or is not started;
2 the command is not understood; 3 nothing to judge, or nothing decided;
4 a fault of checks itself"""


def parser(watching: bool = False) -> argparse.ArgumentParser:
    """The options of one run, or of one after each save."""
    made = argparse.ArgumentParser(
        prog="checks watch" if watching else "checks",
        usage=USAGE,
        allow_abbrev=False,
        epilog=CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = made.add_argument
    add("path", metavar="PATH", help="a folder, a .py file or a notebook")
    which = made.add_argument_group("what is judged")
    add = which.add_argument
    add("-k", metavar="NAME", default="", help="only this exercise, or this chapter's")
    add("--variant", metavar="ID", help="whose tasks they are; the files' own word counts less")
    add("--seed", type=int, default=SEED, metavar="S", help=f"draws the inputs ({SEED})")
    add("--seconds", type=float, default=SECONDS, metavar="T", help="limit of one call (10)")
    add("--in-process", action="store_true", help="run your code right here, for a debugger")
    shown = made.add_argument_group("what is shown")
    add = shown.add_argument
    add("--hint", action="count", default=0, help="what it may mean; twice: which equation")
    add(
        "--explain",
        metavar="ARRAY",
        default="",
        help="yours, right and their ratio as a picture, of an array that differs, such as dw",
    )
    add(
        "--detail",
        metavar="LEVEL",
        choices=DETAILS,
        default="pattern",
        help="evidence: one number only; pattern: and what the numbers look like (this is "
        "what you get); equation: and both hints",
    )
    add("--show-inputs", action="store_true", help="print the inputs, as Python to paste")
    files = made.add_argument_group("files written as well (with -, instead of the cards)")
    files.add_argument(
        "--json", metavar="FILE", help="the report as data (report.schema.json); - for the screen"
    )
    files.add_argument(
        "--html", metavar="FILE", help="the report as one page for a browser; - likewise"
    )
    return made
