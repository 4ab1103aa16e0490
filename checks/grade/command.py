"""``checks grade``, ``checks merge`` and ``checks regrade``."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import FrameType

from checks.grade import intake, reports, sandbox, seeds, tables
from checks.grade.cluster import Cluster, grade_there
from checks.grade.intake import Submission
from checks.grade.judge import Rules, versions
from checks.grade.policy import DEFAULT, load
from checks.grade.pool import Bench, Shelter, grade_all, grade_here
from checks.grade.records import NAME, Entry, Index, Record, Records, read
from checks.grade.tables import number
from checks.refusal import RefusalError

TRUSTED = (
    "checks: --trust-submissions: the code runs in plain processes and can do whatever you can do "
    "on this machine."
)
STOPPED = 130  # as a shell says it of Ctrl-C
MOST_NAMED = 5
PART = re.compile(r"records-(\d+)-of-(\d+)\.jsonl", re.ASCII)
SHARD = re.compile(r"([1-9]\d*)/([1-9]\d*)", re.ASCII)
PUBLIC = "/public"  # how rules without a secret end


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


def _add_roster(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--roster", metavar="CSV", type=Path, help="who should have handed in")
    parser.add_argument("--key", metavar="COLUMN", default="key", help="its column that knows them")


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
    _add_roster(parser)
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
    _insist_on_sense(asked)
    rules = _rules(asked)
    found = intake.submissions(asked.submissions, asked.out)
    _tell_of_others(intake.others(asked.submissions, asked.out), asked.submissions)
    who = _class(asked, found)
    part = _shard(found, asked.shard)
    name = NAME if not asked.shard else f"records-{asked.shard.replace('/', '-of-')}.jsonl"
    signal.signal(signal.SIGTERM, _stop)
    with Records(asked.out, name) as records:
        run = _Run(part, rules, records)
        if asked.shard and run.todo:
            records.mark(is_whole=False)
        try:
            faults = run.grade(asked)
        except (KeyboardInterrupt, BrokenPipeError) as error:
            records.sync()
            if isinstance(error, BrokenPipeError):  # whoever read has seen enough
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise RefusalError(
                f"stopped; {len(run.done)} of {len(part)} are graded and safe. The same command "
                "goes on",
                STOPPED,
            ) from None
        keys = {one.key for one in part}
        gone = [key for key in records.keys if key not in keys]
        if asked.shard:
            for key in gone:  # another part has it now, or none
                records.forget(key)
            records.mark(is_whole=True)
            print(f"{len(part)} submissions are in {asked.out / name}. When all parts are there:")
            print(f"  checks merge {shlex.join([str(asked.out), *_same_rules(asked)])}")
            return 1 if faults else 0
        without = reports.forget(asked.out, gone)
        if without:
            print(f"{without} are no longer among the submissions; their pages were taken away.")
        _report(asked.out, records, [one.key for one in part], rules, asked.reveal, who)
    return 1 if faults else 0


def _stop(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _insist_on_sense(asked: argparse.Namespace) -> None:
    """Say what is wrong with what was asked for before anything is read."""
    tls = [f"--tls-{each}" for each in ("ca", "cert", "key") if getattr(asked, f"tls_{each}")]
    for option in [*(["--scheduler"] if asked.scheduler else []), *tls]:
        if asked.engine != "dask":
            raise RefusalError(f"{option} is for  --engine dask")
    if asked.processes < 0:
        raise RefusalError(f"--processes {asked.processes} is no number of processes; 0 or more is")
    if asked.shard and not SHARD.fullmatch(asked.shard):
        raise RefusalError(f"--shard {asked.shard} is no part of a whole; I/N is, such as 1/4")
    if asked.shard and asked.roster:
        raise RefusalError("--roster is for  checks merge, when all the parts are there")
    _cluster(asked)


def _tell_of_others(names: Sequence[str], folder: Path) -> None:
    if names:
        some = ", ".join(map(tables.line, names[:MOST_NAMED]))
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        print(f"Left aside in {folder}, since {intake.ASKED_FOR} are read: {some}{more}.")


def _same_rules(asked: argparse.Namespace) -> list[str]:
    """The options that make the same rules again."""
    given = [("--policy", asked.policy), ("--secret", asked.secret)]
    return [word for option, path in given if path for word in (option, str(path))]


class _Run:
    """What is to be graded, and what is graded already.

    Args:
        part: the submissions.
        rules: what they are held against.
        records: where what comes of them goes.

    Raises:
        RefusalError: the records were drawn from a secret, and there is none now.
    """

    def __init__(self, part: Sequence[Submission], rules: Rules, records: Records) -> None:
        self.rules, self.records = rules, records
        self.done: set[str] = set()
        self.todo: list[Submission] = []
        again: Counter[str] = Counter()
        for one in reports.watched(part, len(part), "submission read"):
            entry = records.entry(one.key)
            why = "new" if entry is None else self._why(entry, one)
            if why:
                self.todo.append(one)
                again[why] += 1
            else:
                self.done.add(one.key)
        if self.done:
            print(f"{len(self.done)} of {len(part)} were graded before, by the same rules.")
        for why, count in again.items():
            if why != "new":
                print(f"{count} are graded again: {why}.")

    def _why(self, entry: Entry, submission: Submission) -> str:
        """Why a submission that has a record is to be graded; empty where it is not."""
        if entry.is_fault:
            return "they could not be graded before"
        if entry.rules != self.rules.name:
            if self.rules.name.endswith(PUBLIC) and not entry.rules.endswith(PUBLIC):
                raise RefusalError(
                    f"{self.records.path} holds marks that were drawn from a secret, and there is "
                    "no --secret: give it, or name another --out"
                )
            return "other rules (the policy or the secret) were in force"
        try:
            same = entry.digest == seeds.digest(submission.files())
        except OSError:
            return "they cannot be read now"
        return "" if same else "what was handed in has changed"

    def grade(self, asked: argparse.Namespace) -> int:
        """Grade what is to be graded; how many could not be."""
        if not self.todo:
            return 0
        shelter = _shelter(asked, self.rules)
        if asked.processes or asked.engine:
            Bench(self.rules, shelter).close()  # what is missing is said here, once
        if asked.engine == "dask":
            where = _cluster(asked)
            stream = grade_there(self.todo, self.rules, shelter, where, asked.processes)
        elif asked.processes == 0:
            stream = grade_here(self.todo, self.rules, shelter)
        else:
            processes = min(asked.processes, len(self.todo))
            stream = grade_all(self.todo, self.rules, shelter, processes)
        by_key = {one.key: one for one in self.todo}
        faults = 0
        for record in _shown(stream, len(self.todo)):
            one = by_key[record["key"]]
            more = {"ids": list(one.ids), "system": one.system, "late": one.late}
            self.records.add({**record, **more})
            if "fault" in record:
                faults += 1
            else:
                self.done.add(one.key)
        return faults


def _shown(stream: Iterable[Record], count: int) -> Iterator[Record]:
    """Pass records on, with a line for each and, on a terminal, a bar with the time left."""
    with reports.bar(count, "submission") as bar:
        for record in stream:
            yield record
            mark = f"{number(record['score'])} of {number(record['max'])}"
            said = f"not graded: {record['fault']}" if "fault" in record else mark
            bar.write(f"  {tables.line(record['key']):<32} {said}", file=sys.stdout)
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


def _class(asked: argparse.Namespace, found: Sequence[Submission]) -> reports.Class:
    if not asked.roster:
        return reports.Class()
    listed = intake.roster(asked.roster, asked.key)
    return reports.Class(listed, listed.absent(found), listed.strangers(found))


def _shard(found: list[Submission], shard: str | None) -> list[Submission]:
    """The I-th of N parts: every N-th submission."""
    if not shard:
        return found
    one, of = map(int, shard.split("/"))
    if one > of:
        raise RefusalError(f"--shard {shard} is no part of a whole; I/N is, such as 1/4")
    return found[one - 1 :: of]


def _report(
    out: Path,
    records: Records,
    keys: Iterable[str],
    rules: Rules,
    reveal: bool,
    who: reports.Class,
) -> reports.Summary:
    """Write every report, and say where they are."""
    keys = sorted(key for key in keys if records.entry(key))
    came = reports.write_all(out, map(records.load, keys), len(keys), rules.policy, reveal, who)
    most = sum(rules.policy.worth(one) for one in rules.policy.chosen)
    print(f"{came.graded} graded, {came.mean:.1f} of {number(most)} points on average.")
    if came.faults:
        print(f"{came.faults} could not be graded; the same command tries again.")
    if who.absent:
        print(f"{len(who.absent)} of the roster handed nothing in: {out / reports.ABSENT}")
    if who.strangers:
        print(f"{len(who.strangers)} are in no row of the roster: {out / reports.STRANGERS}")
    also = "".join(f", {out / name}" for name in came.tables)
    print(f"The class: {out / 'class.html'}; marks: {out / 'grades.csv'}{also}; for each student")
    print(f"a page in {out / 'students'}, and everything that was seen in {out / 'results'}.")
    return came


def merge(args: Sequence[str]) -> int:
    """Put the records of all shards into one file, and write the reports."""
    parser = _options("checks merge", "checks merge DIR [--policy FILE] [--secret FILE] [...]")
    parser.add_argument("folder", metavar="DIR", type=Path, help="where the shards' records are")
    _add_rules(parser)
    _add_roster(parser)
    asked = parser.parse_args(args)
    rules = _rules(asked)
    parts = [_part(path) for path in _parts(asked.folder)]
    for part in parts:
        for key, entry in part.entries.items():
            _insist_on_these(rules, key, entry.rules)
    counts = Counter(key for part in parts for key in part.entries)
    twice = [key for key, count in counts.items() if count > 1]
    if twice:
        raise RefusalError(
            f"{tables.line(twice[0])} is in two parts, since the submissions have changed between "
            "them: give the command of every part again"
        )
    with Records(asked.folder) as records:
        for part in parts:
            for record in part:
                key = record["key"]
                if records.entry(key) is None or records.load(key) != record:
                    records.add(record)
        keys = [key for part in parts for key in part.entries]
        who = _class(asked, [_again(part, key) for part in parts for key in part.entries])
        reports.forget(asked.folder, set(records.keys) - set(keys))
        came = _report(asked.folder, records, keys, rules, asked.reveal, who)
    return 1 if came.faults else 0


def _part(path: Path) -> Index:
    """The records of one shard, which nobody is grading into.

    Raises:
        RefusalError: it is not finished.
    """
    with Records(path.parent, path.name) as records:
        if not records.index.is_whole:
            raise RefusalError(f"{path} is not finished: give its command again, and then merge")
        return records.index


def _again(part: Index, key: str) -> Submission:
    """A submission as its record knows it."""
    record = part.load(key)
    return Submission(key, record["name"], (), tuple(record.get("ids", ())))


def _parts(folder: Path) -> list[Path]:
    """The records of the shards, all of one division.

    Raises:
        RefusalError: some are missing, or they are of two divisions.
    """
    found = {path: PART.fullmatch(path.name) for path in sorted(folder.glob("records-*.jsonl"))}
    parts = {path: (int(one[1]), int(one[2])) for path, one in found.items() if one}
    there = ", ".join(path.name for path in parts)
    if not parts:
        raise RefusalError(f"there is no records-I-of-N.jsonl in {folder}")
    divisions = {of for _, of in parts.values()}
    if len(divisions) > 1:
        raise RefusalError(f"{folder} holds parts of different wholes, {there}: keep those of one")
    (count,) = divisions
    if {one for one, _ in parts.values()} != set(range(1, count + 1)):
        raise RefusalError(f"{len(parts)} of {count} parts are in {folder}: {there}")
    return list(parts)


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
    recorded = read(asked.records)
    wanted = {k: one for k, one in recorded.entries.items() if asked.k in ("", k)}
    faults = sum(one.is_fault for one in wanted.values())
    if len(wanted) == faults:
        what = f"{asked.k or 'anything'} that was graded"
        raise RefusalError(f"there is no record of {what} in {asked.records}")
    out = asked.records if asked.records.is_dir() else asked.records.parent
    inside = intake.submissions(asked.submissions, out)
    by_key = {one.key: one for one in inside}
    differ = 0
    began = time.monotonic()
    with closing(Bench(rules, _shelter(asked, rules))) as bench:
        for key in [key for key, one in wanted.items() if not one.is_fault]:
            record = recorded.load(key)
            _insist_on_the_same(record, by_key.get(key), rules, asked.other_versions)
            again = bench.grade(by_key[key])
            same = (again["score"], again["exercises"]) == (record["score"], record["exercises"])
            differ += not same
            said = "the same" if same else f"now {number(again['score'])}"
            if "fault" in again:
                said = f"not graded: {again['fault']}"
            print(f"  {tables.line(key):<32} {number(record['score'])}: {said}")
    count = len(wanted) - faults
    print(f"{count - differ} of {count} the same, in {time.monotonic() - began:.1f} s.")
    if faults:
        print(f"{faults} could not be graded then, and were left out.")
    return 1 if differ else 0


def _insist_on_these(rules: Rules, key: str, recorded: str) -> None:
    """Refuse to go on with a record that other rules have made."""
    if recorded != rules.name:
        raise RefusalError(
            f"{tables.line(key)} was graded by the rules {recorded}; these are {rules.name}: give "
            "the same --policy and --secret"
        )


def _insist_on_the_same(
    record: Record, submission: Submission | None, rules: Rules, other_versions: bool
) -> None:
    """Refuse to compare what was not graded alike."""
    key = record["key"]
    if submission is None:
        raise RefusalError(f"{key} is recorded, and not among the submissions")
    try:
        digest = seeds.digest(submission.files())
    except OSError as error:
        raise RefusalError(f"{key} cannot be read: {error}") from None
    if digest != record["digest"]:
        raise RefusalError(f"{key} is not what it was when it was graded: its text has changed")
    _insist_on_these(rules, key, record["rules"])
    if record["versions"] != versions() and not other_versions:
        raise RefusalError(
            f"{key} was graded with {record['versions']}, and this is {versions()}: install the "
            "same, or say  --other-versions"
        )
