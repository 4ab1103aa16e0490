"""``checks gradescope-zip``: what Gradescope asks for, and what it runs.

Gradescope unpacks the zip into ``/autograder/source``, runs ``setup.sh`` once, and for
each submission ``/autograder/run_autograder``, as root, with the work in
``/autograder/submission``; it reads ``/autograder/results/results.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

import reference
from checks.grade import pages, seeds, tables
from checks.grade.intake import Submission
from checks.grade.judge import Rules
from checks.grade.policy import load
from checks.grade.pool import Bench, Shelter
from checks.grade.sandbox import LIMITS, settings
from checks.refusal import RefusalError

SETUP = """\
#!/usr/bin/env bash
# Run once, as root, when the autograder is built.
set -euo pipefail
apt-get update -qq
apt-get install -y -qq python3-venv libseccomp2 bubblewrap
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install -q {packages}
chmod -R go-rwx /autograder/source
"""

RUN = """\
#!/usr/bin/env bash
# Run for each submission, as root.
set -euo pipefail
root="${AUTOGRADER:-/autograder}"
python="$root/venv/bin/python"
[ -x "$python" ] || python=python3
cd "$root/source"
OPENBLAS_NUM_THREADS=1 exec "$python" -m checks gradescope "$root"
"""

PACKAGES = ("'numpy=={numpy}'", "'pyseccomp==0.1.2'")
NOBODY = "submission"  # whose name is not told
FIXED_TIME = (2020, 1, 1, 0, 0, 0)  # so that the same inputs give the same zip
EXECUTABLE, PLAIN = 0o755 << 16, 0o644 << 16


def gradescope_zip(args: Sequence[str]) -> int:
    """Write the zip, and with ``--selftest`` a submission to send first."""
    parser = argparse.ArgumentParser(
        prog="checks gradescope-zip",
        allow_abbrev=False,
        usage="checks gradescope-zip --out FILE.zip [--policy FILE] [--secret FILE] [--selftest]",
    )
    parser.add_argument("--out", metavar="FILE", type=Path, required=True, help="the zip to write")
    parser.add_argument("--policy", metavar="FILE", type=Path, help="what is graded and how (TOML)")
    parser.add_argument("--secret", metavar="FILE", type=Path, help="draws the hidden inputs")
    parser.add_argument(
        "--selftest", action="store_true", help="write a submission as well, to be sent first"
    )
    asked = parser.parse_args(args)
    policy = load(asked.policy)
    if policy.tasks and policy.variant == "key":
        raise RefusalError(
            f'{asked.policy}: its tasks are drawn by variant = "key", and on Gradescope a key '
            'names one submission, not a student; write variant = "id" (the e-mail) or "name"'
        )
    packages = " ".join(PACKAGES).format(numpy=np.__version__)
    parts = [
        ("setup.sh", SETUP.format(packages=packages).encode(), EXECUTABLE),
        ("run_autograder", RUN.encode(), EXECUTABLE),
        *((name, data, PLAIN) for name, data in _packages()),
    ]
    if asked.policy:
        parts.append(("policy.toml", asked.policy.read_bytes(), PLAIN))
    if asked.secret:
        parts.append(("secret", seeds.read_secret(asked.secret), PLAIN))
    _zip(asked.out, parts)
    print(f"Wrote {asked.out}: upload it as the autograder of {policy.title!r}.")
    if asked.selftest:
        path = asked.out.with_name(f"{asked.out.stem}-selftest.zip")
        _zip(path, [(name, data, PLAIN) for name, data in _self_test()])
        print(f"Wrote {path}: send it as the first submission; it must get full marks.")
    return 0


def _zip(path: Path, parts: Iterable[tuple[str, bytes, int]]) -> None:
    """Write a zip; it is there whole or not at all."""
    if path.is_dir():
        raise RefusalError(f"--out {path} is a folder; name the zip that is to be written")
    half = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(half, "w") as packed:
            for name, data, mode in parts:
                info = zipfile.ZipInfo(name, FIXED_TIME)
                info.external_attr = mode
                info.compress_type = zipfile.ZIP_DEFLATED
                packed.writestr(info, data)
        half.replace(path)
    except OSError as error:
        raise RefusalError(f"{path} cannot be written: {error.strerror}") from None


def _packages() -> Iterator[tuple[str, bytes]]:
    """The files of ``checks`` and ``reference`` that grading needs: no images, no caches."""
    for home in (Path(__file__).parents[1], Path(str(reference.__file__)).parent):
        for path in sorted(home.rglob("*")):
            inside = path.relative_to(home.parent)
            if path.suffix in (".py", ".toml", ".css", ".json") and "__pycache__" not in path.parts:
                yield inside.as_posix(), path.read_bytes()


def _self_test() -> Iterator[tuple[str, bytes]]:
    """The book's own code as a submission, in files that import one another."""
    for path in sorted(Path(str(reference.__file__)).parent.glob("*.py")):
        if path.name != "__init__.py":
            text = path.read_text("utf-8").replace("from reference.", "from ")
            yield path.name, text.replace("from reference import", "import").encode()


def gradescope(args: Sequence[str]) -> int:
    """Grade the one submission in a folder laid out as Gradescope lays it out."""
    parser = argparse.ArgumentParser(prog="checks gradescope", allow_abbrev=False)
    parser.add_argument("root", metavar="DIR", type=Path, help="/autograder")
    root = parser.parse_args(args).root
    source = root / "source"
    if not source.is_dir():
        raise RefusalError(f"there is no {source}: asked for is a folder as Gradescope lays it out")
    policy_file, secret_file = source / "policy.toml", source / "secret"
    key, name, ids = _who(root)
    submission = Submission(key, name, (root / "submission",), ids)
    try:
        rules = Rules(
            load(policy_file if policy_file.exists() else None),
            seeds.read_secret(secret_file) if secret_file.exists() else b"",
        )
        if rules.policy.tasks and rules.policy.variant == "name" and name == NOBODY:
            raise RefusalError(
                "the policy draws tasks by name, and submission_metadata.json names nobody"
            )
        limits = {"AS": rules.policy.memory, "CPU": int(rules.policy.seconds) + 1}
        shelter = Shelter(settings({**LIMITS, **limits}))
        with closing(Bench(rules, shelter)) as bench:
            record = bench.grade(submission)
        text = tables.gradescope(record, pages.shown(record, rules.policy, reveal=False))
    except RefusalError as refusal:  # a closed door must be told to the one who opened the course
        text = json.dumps({"score": 0, "output": f"Nothing was graded: {refusal}"}) + "\n"
    results = root / "results"
    results.mkdir(exist_ok=True)
    half = results / "results.json.part"
    half.write_text(text, encoding="utf-8")
    os.replace(half, results / "results.json")
    return 0


def _who(root: Path) -> tuple[str, str, tuple[str, ...]]:
    """Key, name and e-mails, the same as in an export of Gradescope's."""
    try:
        told = json.loads((root / "submission_metadata.json").read_text("utf-8"))
        names = " and ".join(str(user["name"]) for user in told["users"])
        emails = tuple(str(user["email"]) for user in told["users"] if user.get("email"))
        return f"submission_{told.get('id', '')}", names, emails
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return NOBODY, NOBODY, ()
