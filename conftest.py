"""Chapters as tests: nbval runs every cell of ``book/*.md`` and compares what it prints.

``pytest book`` proves all chapters; ``--book-new`` only those without a valid proof;
``--book-old`` runs them on the BLAS kernels of an old processor, and leaves the proofs alone;
``--book-accept`` records what they print now as what they shall print from now on.
"""

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from book._ext import chapters, golden, other_images, proofs

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLCONFIGDIR", str(chapters.ROOT / "_build" / "matplotlib"))
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [str(chapters.ROOT), os.environ.get("PYTHONPATH")])
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("book", "Chapters as tests")
    group.addoption("--book-accept", action="store_true", help="record what the chapters print")
    group.addoption("--book-new", action="store_true", help="run only chapters without a proof")
    group.addoption("--book-old", action="store_true", help="run on an old processor's kernels")


def pytest_configure(config: pytest.Config) -> None:
    """Where DATA names other images, load them before anything runs, and accept nothing."""
    try:
        if config.option.book_accept and other_images.other():
            raise chapters.ChapterError(
                f"DATA={other_images.other()}: what the book shall print is recorded on its own"
                " images only; `make accept` without DATA does it"
            )
        if config.option.book_old and config.option.book_accept:
            raise chapters.ChapterError("what is printed is accepted without --book-old")
        if not hasattr(config, "workerinput"):
            other_images.prepare()
    except chapters.ChapterError as error:
        raise pytest.UsageError(str(error)) from None


LONGEST = (
    *("optimizer-race.md", "train-and-look.md", "curing-overfitting.md", "two-layer-net.md"),
    *("overfitting.md", "gradient-descent.md", "fully-connected-net.md", "test_site.py"),
    *("test_notebooks.py", "test_attacks.py", "test_other_images.py", "test_literate.py"),
    *("test_edition.py", "test_accepts.py", "test_grade.py", "test_naming.py"),
    *("test_rejects.py", "test_faults.py", "test_student.py", "test_hostile.py"),
)
"""The files that take longest."""

OLD = "Prescott"  # a processor of 2004, whose kernels every x86 runs


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that at the end no worker waits for another."""
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(rank)))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.parent != chapters.BOOK or not chapters.is_chapter(file_path):
        return None
    if parent.config.option.book_new and proofs.load(chapters.read(file_path)) is not None:
        return None
    return ChapterFile.from_parent(parent, path=file_path)


class ChapterFile(IPyNbFile):
    """A chapter: one fresh kernel, one test for each code cell, and one for the whole."""

    def collect(self) -> Iterator[pytest.Item]:
        self.chapter = chapters.read(self.path)
        self.nb = self.chapter.notebook
        self.other = other_images.concerns(self.chapter)
        accept = self.config.option.book_accept
        entries = [] if accept else golden.load(self.path)
        sources = [cell.source for cell in self.chapter.code]
        accepted, self.stale = golden.match(entries, sources)
        self.cells = []
        lines = self.chapter.lines()
        for number, (cell, line) in enumerate(zip(self.chapter.code, lines, strict=True)):
            # nbval compares only cells that have been run once; ours always count as such.
            cell.execution_count = number + 1
            cell.outputs = []
            item = ChapterCell.from_parent(
                self,
                name=f"line {line}",
                cell_num=number,
                cell=cell,
                options=defaultdict(bool, check=True),
            )
            item.line, item.accepted, item.accept = line, accepted[number], accept
            self.cells.append(item)
            yield item
        yield Whole.from_parent(self, name="whole")

    def setup(self) -> None:
        self.started = time.monotonic()
        self.config.option.nbval_current_env = True
        with pytest.MonkeyPatch.context() as patch:
            if self.config.option.book_old:
                patch.setenv("OPENBLAS_CORETYPE", OLD)
            super().setup()  # starts the kernel
        if self.other:
            first = self.kernel.execute_cell_input(other_images.first_cell())
            self.kernel.await_reply(first, timeout=60)
            self.kernel.await_idle(first, timeout=60)


class ChapterCell(IPyNbCell):
    """One code cell: it runs, prints what was accepted, and is quiet on stderr."""

    passed = False

    def runtest(self) -> None:
        marks = [word for word in ("NBVAL_", "PYTEST_VALIDATE") if word in self.cell.source]
        if marks or "raises-exception" in self.cell.metadata.get("tags", []):
            self.raise_cell_error("A chapter has no cell whose output is not compared")
        super().runtest()
        self.passed = True

    def compare_outputs(self, test, ref, skip_compare=None) -> bool:
        self.printed = golden.keep(test)
        self.cell.outputs = test
        loud = [line for o in self.printed if o.get("stream") == "stderr" for line in o["text"]]
        options = self.cell.metadata
        if loud:
            why = "It writes to stderr; a chapter shows no warnings:\n" + "\n".join(loud)
        elif any("image/" in mime for o in test for mime in o.get("data", ())) and not options.get(
            "alt"
        ):
            why = "It shows a picture without `:alt:`, the sentence that says what is seen"
        elif self.accept or self.parent.other:
            why = ""
        else:
            rtol = float(options.get("rtol", golden.RTOL))
            atol = float(options.get("atol", golden.ATOL))
            why = golden.difference(self.printed, self.accepted, rtol, atol)
        self.comparison_traceback = [why]
        return not why

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:
        trace = getattr(excinfo.value, "inner_traceback", None) or ""
        return f"{self.path.name}:{self.line}: {excinfo.value}\n\n{self.cell.source}\n\n{trace}"

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.line - 1, f"{self.path.name}:{self.line}"


class Whole(pytest.Item):
    """The chapter as a whole: every cell passed and no accepted output is left over."""

    def runtest(self) -> None:
        chapter = self.parent
        failed = [cell.line for cell in chapter.cells if not cell.passed]
        if failed:
            pytest.fail(f"cells did not pass, lines {failed}: no proof", pytrace=False)
        if chapter.stale and not chapter.other:
            pytest.fail(
                f"{golden.path_of(chapter.path).name} still lists cells that are gone:"
                f" {chapter.stale}. `--book-accept` removes them",
                pytrace=False,
            )
        if self.config.option.book_accept:
            golden.save(
                chapter.path,
                [
                    {"cell": golden.key(cell.cell.source), "outputs": cell.printed}
                    for cell in chapter.cells
                    if cell.printed
                ],
            )
        if not self.config.option.book_old:  # its pictures and times are not those of the site
            proofs.store(chapter.chapter, chapter.nb, time.monotonic() - chapter.started)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.name}: the whole chapter"


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where SKIPS_FAIL is set, a skip that ``.ci/allowed-skips`` does not list is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("SKIPS_FAIL") or reporter is None:
        return
    rows = (chapters.ROOT / ".ci" / "allowed-skips").read_text("utf-8").splitlines()
    allowed = [row.split()[0] for row in rows if row.strip() and not row.startswith("#")]
    skipped = [report.nodeid for report in reporter.stats.get("skipped", ())]
    refused = [test for test in skipped if not any(test.endswith(end) for end in allowed)]
    if refused and exitstatus == 0:
        reporter.write_line(f"\nskipped, but not in .ci/allowed-skips: {', '.join(refused)}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
