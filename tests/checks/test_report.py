"""The JSON of a report keeps to its committed schema, whatever the code was like."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import reference
from checks import show
from checks.exercises import EXERCISES
from checks.model import Report
from checks.naming import named
from checks.run import run
from checks.show.plain import to_json
from checks.student import Files, InProcess

SCHEMA = json.loads(Path(show.__file__).with_name("report.schema.json").read_text("utf-8"))
VALID = jsonschema.Draft202012Validator(SCHEMA)
RIGHT = {name: getattr(reference, name) for name in reference.__all__}
FIRST = [one for one in EXERCISES if one.chapter in ("affine", "softmax", "relu")]


def judged(code: Any, exercises: Any = FIRST) -> Report:
    return run(exercises, InProcess(code), 7, name=named)


def crash(*args: Any) -> Any:
    raise RuntimeError("\x00 \ud800 no")


CODES: dict[str, Any] = {
    "right": RIGHT,
    "unstarted": {},
    "crashing": {one.name: crash for one in FIRST},
    "odd": {one.name: lambda *args: {"a": float("nan")} for one in FIRST},
    "broken": Files({"affine.py": "def affine_forward(x,:\n", "b.py": "import torch\n"}),
}


@pytest.mark.parametrize("code", CODES)
def test_report_of_any_code_is_valid(code: str) -> None:
    """Right, unstarted, crashing and odd code all give JSON that keeps to the schema."""
    text = to_json(judged(CODES[code]))
    VALID.validate(json.loads(text))
    text.encode("utf-8")


def broken(change: str) -> dict[str, Any]:
    whole = json.loads(to_json(judged(CODES["crashing"])))
    one = copy.deepcopy(whole)
    check = one["exercises"][0]["checks"][0]
    if change == "a key is gone":
        del one["seed"]
    elif change == "a key is new":
        check["grade"] = "A"
    elif change == "no such state":
        check["state"] = "passed"
    elif change == "a number is text":
        one["exercises"][0]["earned"] = "1"
    elif change == "points below 0":
        check["points"] = -1
    elif change == "another schema":
        one["schema"] = 2
    elif change == "a diagnosis without words":
        check["diagnosis"] = {"mistake": "affine_backward/db_is_a_mean"}
    VALID.validate(whole)
    return one


@pytest.mark.parametrize(
    "change",
    [
        *("a key is gone", "a key is new", "no such state", "a number is text"),
        *("points below 0", "another schema", "a diagnosis without words"),
    ],
)
def test_broken_report_is_not_valid(change: str) -> None:
    """The schema refuses what is no report."""
    assert list(VALID.iter_errors(broken(change)))


def test_schema_is_one_itself() -> None:
    """The committed file is a JSON Schema."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
