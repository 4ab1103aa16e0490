"""What the proof of the book costs: its chapters, the site, and one edited chapter.

Everything runs on a copy of the project, so that nothing is cached and nothing is disturbed.
Targets: the whole book in 180 s on two cores, one edited chapter in 15 s.
"""

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import ROOT, at_most, once, progress, record
from book._ext.chapters import chapters

PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2"]
BOOK = [*PYTEST, "--dist", "loadfile", "book", "--book-new"]
SITE = [
    sys.executable,
    "-m",
    "sphinx",
    *["-b", "html", "-n", "-W", "-q", "-c", ".", "book", "_build/html"],
]
EMPTY = "\n# Empty\n\n```{code-cell} ipython3\nNone\n```\n"


def copy_to(root: Path) -> None:
    """A copy of what the book is proved and built from."""
    for name in ("conf.py", "conftest.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, root)
    for name in ("book", "reference", "checks", "benchmarks/results"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))


def plain(root: Path) -> float:
    """The chapters' code run one after the other by Python alone: the work itself, in seconds."""
    seconds = 0.0
    for chapter in chapters():
        script = root / f"plain_{chapter.stem}.py"
        code = "\n\n".join(cell.source for cell in chapter.code)
        script.write_text(f"import matplotlib\nmatplotlib.use('agg')\n{code}\n", "utf-8")
        seconds += once([sys.executable, str(script)], root).processor
    return seconds


def overhead(root: Path, rounds: int = 5) -> float:
    """What a chapter costs that computes nothing: three of them against one, in wall seconds."""
    front = "\n".join((ROOT / "book" / "affine.md").read_text("utf-8").split("\n")[:10])
    for number in range(4):
        (root / "book" / f"empty{number}.md").write_text(f"{front}\n{EMPTY}", "utf-8")
    pages = [f"book/empty{number}.md" for number in range(4)]
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    found = []
    for number in range(rounds):
        progress(f"one chapter's overhead, round {number + 1} of {rounds}")
        four, one = once([*run, *pages], root).wall, once([*run, pages[0]], root).wall
        found.append((four - one) / 3)
    for page in pages:
        (root / page).unlink()
    return statistics.median(found)


def main() -> None:
    """Measure all three on one copy."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        copy_to(root)
        progress("the chapters' code alone")
        work = plain(root)
        each = overhead(root)
        progress("the whole book")
        proof, site = once(BOOK, root), once(SITE, root)
        page = root / "book" / "affine.md"
        text = page.read_text("utf-8")
        page.write_text(text.replace("np.random.default_rng(231)", "np.random.default_rng(232)", 1))
        once([*PYTEST[:4], "book/affine.md", "--book-accept"], root)
        page.write_text(text.replace("np.random.default_rng(231)", "np.random.default_rng(233)", 1))
        progress("one edited chapter")
        edited = once([*PYTEST[:4], "book/affine.md", "--book-accept"], root).wall
        edited += once(SITE, root).wall
    progress("")
    whole = proof.wall + site.wall
    computed = proof.processor + site.processor
    record(
        "book",
        [
            {"what": "one chapter's overhead", "seconds": round(each, 2)},
            {"what": "code of all chapters, plain Python", "processor_seconds": round(work, 1)},
            {"what": "chapters verified", "seconds": round(proof.wall, 1)},
            {"what": "site built", "seconds": round(site.wall, 1)},
            {"what": "whole book", "seconds": round(whole, 1), **at_most(180, whole)},
            {"what": "whole book by plain Python", "ratio": round(computed / work, 2)},
            {"what": "one chapter edited", "seconds": round(edited, 1), **at_most(15, edited)},
        ],
    )


if __name__ == "__main__":
    main()
