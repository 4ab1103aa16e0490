"""``checks grade``, ``checks merge`` and ``checks regrade``."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from checks.grade import intake, pages, sandbox, seeds, tables
from checks.grade.cluster import Cluster, grade_there
from checks.grade.intake import Submission
from checks.grade.judge import Rules, versions
from checks.grade.policy import DEFAULT, load
from checks.grade.pool import Bench, Shelter, grade_all, grade_here
from checks.grade.records import NAME, Record, Records, read
from checks.refusal import RefusalError, write

TRUSTED = (
    "checks: --trust-submissions: the code runs in plain processes and can do whatever you can do "
    "on this machine."
)
STOPPED = 130  # as a shell says it of Ctrl-C


def _options(prog: str, usage: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=prog, allow_abbrev=False, usage=usage)


def _add_rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policy", metavar="FILE", type=Path, help="what is graded and how (TOML)")
    parser.add_argument(
        "--secret", metavar="FILE", type=Path, help="draws each student's hidden inputs"
    )
    parser.add_argument(
        "--trust-submissions",
        action="store_true",
        help="no sandbox: for code that you would run yourself",
    )
    parser.add_argument(
        "--untested-arch",
        action="store_true",
        help="use the sandbox on a kind of processor on which nobody has tried it",
    )
    parser.add_argument(
        "--reveal", action="store_true", help="after the deadline: students see hidden inputs' part"
    )
    parser.add_argument("--no-wall", action="store_true", help="no namespaces around the sandbox")


def grade(args: Sequence[str]) -> int:
    """Grade a class; the exit code is 0 unless a submission could not be graded."""
    parser = _options("checks grade", "checks grade SUBMISSIONS --out DIR [...]")
    parser.add_argument(
        "submissions",
        metavar="SUBMISSIONS",
        type=Path,
        nargs="?",
        help="a folder of folders, files, notebooks or zips, or an LMS's export",
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help="where records and reports go")
    _add_rules(parser)
    parser.add_argument("--roster", metavar="CSV", type=Path, help="who should have handed in")
    parser.add_argument("--key", metavar="COLUMN", default="key", help="its column that names them")
    parser.add_argument(
        "--shard", metavar="I/N", help="only the I-th of N parts; then checks merge"
    )
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, help="at once (0: in this one)"
    )
    parser.add_argument("--engine", choices=["dask"], help="grade on a dask.distributed cluster")
    parser.add_argument("--scheduler", metavar="TLS", default="", help="tls://HOST:PORT of it")
    for each in ("ca", "cert", "key"):
        parser.add_argument(f"--tls-{each}", metavar="FILE", type=Path, help="in PEM")
    parser.add_argument("--print-policy", action="store_true", help="print the default and end")
    asked = parser.parse_args(args)
    if asked.print_policy:
        print(DEFAULT.read_text("utf-8"), end="")
        return 0
    if asked.submissions is None or asked.out is None:
        parser.error("SUBMISSIONS and --out DIR are asked for")
    rules = _rules(asked)
    if asked.scheduler and asked.engine != "dask":
        raise RefusalError("--scheduler is for  --engine dask")
    _cluster(asked)  # what is wrong with it is said before anything is read
    found = intake.submissions(asked.submissions)
    missing = _missing(asked, found)
    part = _shard(found, asked.shard)
    name = NAME if not asked.shard else f"records-{asked.shard.replace('/', '-of-')}.jsonl"
    with Records(asked.out, name) as records:
        try:
            faults = _graded(asked, part, rules, records)
        except KeyboardInterrupt:
            records.sync()
            there = sum(records.latest(one.key) is not None for one in part)
            raise RefusalError(
                f"stopped; {there} of {len(part)} are graded and safe. The same command goes on",
                STOPPED,
            ) from None
        written = [records.latest(one.key) for one in part]
    if asked.shard:
        print(f"{len(part)} submissions are in {asked.out / name}. Then:  checks merge {asked.out}")
    else:
        _report(asked.out, [one for one in written if one], missing, rules, asked.reveal)
    return 1 if faults else 0


def _graded(
    asked: argparse.Namespace, part: Sequence[Submission], rules: Rules, records: Records
) -> int:
    """Grade what has no record yet; how many could not be."""
    todo = []
    for one in part:
        record = records.latest(one.key)
        if record is None or "fault" in record or not _is_of(record, one, rules):
            todo.append(one)
    if len(todo) < len(part):
        print(f"{len(part) - len(todo)} of {len(part)} were graded before, by the same rules.")
    if not todo:
        return 0
    shelter = _shelter(asked, rules)
    if asked.processes or asked.engine:
        Bench(rules, shelter).close()  # what is missing is said here, once
    if asked.engine == "dask":
        stream = grade_there(todo, rules, shelter, _cluster(asked), asked.processes)
    elif asked.processes == 0:
        stream = grade_here(todo, rules, shelter)
    else:
        stream = grade_all(todo, rules, shelter, min(asked.processes, len(todo)))
    by_key = {one.key: one for one in todo}
    faults = 0
    for record in _shown(stream, len(todo)):
        one = by_key[record["key"]]
        records.add({**record, "ids": list(one.ids)})
        faults += "fault" in record
    return faults


def _is_of(record: Record, submission: Submission, rules: Rules) -> bool:
    return bool(
        record["rules"] == rules.name and record["digest"] == seeds.digest(submission.files())
    )


def _shown(stream: Iterable[Record], count: int) -> Iterator[Record]:
    """Pass records on, with a line for each and, on a terminal, a bar with the time left."""
    try:
        from tqdm import tqdm
    except ImportError:
        raise RefusalError(
            "grading a class needs tqdm:  pip install 'backprop-by-the-book[grade]'"
        ) from None
    with tqdm(total=count, unit="submission", disable=None, file=sys.stderr) as bar:
        for record in stream:
            yield record
            mark = f"{record['score']:g} of {record['max']:g}"
            said = f"not graded: {record['fault']}" if "fault" in record else mark
            bar.write(f"  {tables.cell(record['key']):<32} {said}", file=sys.stdout)
            bar.update()


def _rules(asked: argparse.Namespace) -> Rules:
    return Rules(load(asked.policy), seeds.read_secret(asked.secret) if asked.secret else b"")


def _shelter(asked: argparse.Namespace, rules: Rules) -> Shelter:
    if asked.trust_submissions:
        print(TRUSTED, file=sys.stderr)
        return Shelter(None)
    limits = {"AS": rules.policy.memory, "CPU": int(rules.policy.seconds) + 1}
    return Shelter(sandbox.settings(limits, asked.untested_arch), not asked.no_wall)


def _cluster(asked: argparse.Namespace) -> Cluster:
    return Cluster(asked.scheduler, asked.tls_ca, asked.tls_cert, asked.tls_key)


def _missing(asked: argparse.Namespace, found: Sequence[Submission]) -> list[str]:
    if not asked.roster:
        return []
    return intake.absent(intake.roster(asked.roster, asked.key), found)


def _shard(found: list[Submission], shard: str | None) -> list[Submission]:
    """The I-th of N parts: every N-th submission."""
    if not shard:
        return found
    one, _, of = shard.partition("/")
    if not (one.isdigit() and of.isdigit() and 1 <= int(one) <= int(of)):
        raise RefusalError(f"--shard {shard} is no part of a whole; asked for is I/N, such as 1/4")
    return found[int(one) - 1 :: int(of)]


def _report(
    out: Path, records: list[Record], missing: Sequence[str], rules: Rules, reveal: bool
) -> None:
    """Write every report, and say where they are."""
    records = sorted(records, key=lambda record: str(record["key"]))
    tables.write_all(out, records, rules.policy)
    pages.write_all(out, records, rules.policy, reveal)
    graded = [one for one in records if "fault" not in one]
    mean = sum(one["score"] for one in graded) / len(graded) if graded else 0.0
    most = sum(rules.policy.worth(one) for one in rules.policy.chosen)
    print(f"{len(graded)} graded, {mean:.1f} of {most:g} points on average.")
    if len(graded) < len(records):
        print(f"{len(records) - len(graded)} could not be graded; the same command tries again.")
    if missing:
        write(out / "missing.txt", "\n".join(missing) + "\n")
        print(f"{len(missing)} of the roster handed nothing in: {out / 'missing.txt'}")
    print(f"The class: {out / 'class.html'}; marks: {out / 'grades.csv'}; for each student a page")
    print(f"in {out / 'students'}, and everything that was seen in {out / 'results'}.")


def merge(args: Sequence[str]) -> int:
    """Put the records of all shards into one file, and write the reports."""
    parser = _options("checks merge", "checks merge DIR [--policy FILE]")
    parser.add_argument("folder", metavar="DIR", type=Path, help="where the shards' records are")
    _add_rules(parser)
    asked = parser.parse_args(args)
    rules = _rules(asked)
    parts = sorted(asked.folder.glob("records-*-of-*.jsonl"))
    if not parts:
        raise RefusalError(f"there is no records-I-of-N.jsonl in {asked.folder}")
    count = int(parts[0].stem.rpartition("-")[2])
    if len(parts) < count:
        there = ", ".join(part.name for part in parts)
        raise RefusalError(f"{len(parts)} of {count} parts are in {asked.folder}: {there}")
    with Records(asked.folder) as records:
        for part in parts:
            for record in read(part):
                if not records.has(record["key"], record["digest"], record["rules"]):
                    records.add(record)
        _report(asked.folder, records.newest(), (), rules, asked.reveal)
    return 0


def regrade(args: Sequence[str]) -> int:
    """Grade recorded submissions again and compare; 0 where every mark comes out the same."""
    parser = _options("checks regrade", "checks regrade RECORDS --submissions DIR [...]")
    parser.add_argument("records", metavar="RECORDS", type=Path, help="records.jsonl or its folder")
    parser.add_argument("--submissions", metavar="DIR", type=Path, required=True)
    parser.add_argument("-k", metavar="KEY", default="", help="only this submission")
    parser.add_argument("--other-versions", action="store_true", help="compare across versions")
    _add_rules(parser)
    asked = parser.parse_args(args)
    rules = _rules(asked)
    wanted = [one for one in read(asked.records) if asked.k in ("", one["key"])]
    if not wanted:
        raise RefusalError(f"there is no record of {asked.k or 'anything'} in {asked.records}")
    by_key = {one.key: one for one in intake.submissions(asked.submissions)}
    differ = 0
    began = time.monotonic()
    with closing(Bench(rules, _shelter(asked, rules))) as bench:
        for record in wanted:
            _insist_on_the_same(record, by_key.get(record["key"]), rules, asked.other_versions)
            again = bench.grade(by_key[record["key"]])
            same = (again["score"], again["exercises"]) == (record["score"], record["exercises"])
            differ += not same
            said = "the same" if same else f"now {again['score']:g} of {again['max']:g}"
            print(f"  {tables.cell(record['key']):<32} {record['score']:g}: {said}")
    print(f"{len(wanted) - differ} of {len(wanted)} the same, in {time.monotonic() - began:.1f} s.")
    return 1 if differ else 0


def _insist_on_the_same(
    record: Record, submission: Submission | None, rules: Rules, other_versions: bool
) -> None:
    """Refuse to compare what was not graded alike."""
    key = record["key"]
    if submission is None:
        raise RefusalError(f"{key} is recorded, and not among the submissions")
    if seeds.digest(submission.files()) != record["digest"]:
        raise RefusalError(f"{key} is not what it was when it was graded: its text has changed")
    if record["rules"] != rules.name:
        raise RefusalError(
            f"{key} was graded by the rules {record['rules']}; these are {rules.name}: give the "
            "same --policy and --secret"
        )
    if record["versions"] != versions() and not other_versions:
        raise RefusalError(
            f"{key} was graded with {record['versions']}, and this is {versions()}: install the "
            "same, or say  --other-versions"
        )
