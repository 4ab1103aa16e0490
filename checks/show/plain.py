"""A report as plain data, for files: everything but the inputs, which the seed gives back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import numpy as np

from checks.model import Outcome, Problem, Report
from checks.show import words
from checks.show.cards import rows
from checks.show.problems import problem

LONGEST = 1000  # characters of one text


def to_json(report: Report) -> str:
    """Write a report as JSON; ``plain`` says what is in it."""
    return json.dumps(plain(report), indent=2, allow_nan=False) + "\n"


def plain(report: Report) -> dict[str, object]:
    """Turn a report into dicts, lists, strings and numbers."""
    table = rows(report)
    return {
        "schema": report.schema,
        "seed": report.seed,
        "variant": report.variant or None,
        "earned": sum(row.earned for row in table),
        "points": sum(row.points for row in table),
        "exercises": [
            {
                "name": row.exercise,
                "state": row.state,
                "earned": row.earned,
                "points": row.points,
                "checks": [_outcome(one) for one in report.of(row.exercise)],
            }
            for row in table
        ],
        "remarks": [_problem(one) for one in report.remarks],
    }


def _outcome(one: Outcome) -> dict[str, object]:
    found: dict[str, object] = {
        "name": one.check,
        "sentence": one.sentence,
        "equation": one.equation,
        "stage": one.stage,
        "state": one.state,
        "points": one.points,
        "earned": one.earned,
        "costs": one.costs,
    }
    seen = one.evidence
    if seen is not None:
        found["evidence"] = {
            "kind": seen.kind,
            "measured": _value(seen.measured),
            "bound": _value(seen.bound),
            "detail": _value(seen.detail),
            "says": [] if one.state == "pass" else [_cut(line) for line in words.says(seen)],
        }
    if one.diagnosis is not None:
        found["diagnosis"] = {
            "mistake": one.diagnosis.mistake,
            "says": one.diagnosis.sentence,
            "equation": one.diagnosis.equation,
        }
    return found


def _problem(one: Problem) -> dict[str, object]:
    says = problem(one.kind, one.where, one.detail)
    return {"kind": one.kind, "where": one.where, "detail": _value(one.detail), "says": says}


def _value(value: object) -> object:
    """JSON has no nan and no inf: they become null."""
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_cut(str(key)): _value(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [_value(part) for part in value]
    if isinstance(value, np.ndarray):
        return _value(value.tolist())
    return _cut(str(value))


def _cut(text: str) -> str:
    """A text as long as anybody reads; code can give names of millions of letters."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
