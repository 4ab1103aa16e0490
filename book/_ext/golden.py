"""What each chapter printed when it was last accepted, and whether it still prints that.

``book/outputs/affine.json`` lists the cells of ``book/affine.md`` that print, each found again by
its last line. Pictures, ids and counts are not kept. Floats compare with a tolerance, everything
else to the letter.
"""

import json
import math
import re
from pathlib import Path
from typing import Any

RTOL, ATOL = 1e-6, 1e-9
_FLOAT = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?\d+[eE][-+]?\d+")


def path_of(chapter: Path) -> Path:
    """The file with the accepted outputs of a chapter."""
    return chapter.parent / "outputs" / f"{chapter.stem}.json"


def load(chapter: Path) -> list[dict[str, Any]]:
    """The accepted outputs of a chapter, in order; empty where nothing was accepted yet."""
    path = path_of(chapter)
    return json.loads(path.read_text("utf-8")) if path.exists() else []


def save(chapter: Path, entries: list[dict[str, Any]]) -> None:
    """Accept these outputs; a chapter that prints nothing keeps no file."""
    path = path_of(chapter)
    path.parent.mkdir(exist_ok=True)
    if entries:
        path.write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n", "utf-8")
    else:
        path.unlink(missing_ok=True)


def key(source: str) -> str:
    """How an entry finds its cell: the cell's last line."""
    return source.rstrip().rsplit("\n", 1)[-1].strip()


def match(entries: list[dict[str, Any]], sources: list[str]) -> tuple[list[Any], list[str]]:
    """Pair entries with cells: the outputs accepted for each cell, and the stale entries."""
    left = list(entries)
    accepted: list[Any] = []
    for source in sources:
        found = next((entry for entry in left if entry["cell"] == key(source)), None)
        if found is not None:
            left.remove(found)
        accepted.append(found["outputs"] if found else [])
    return accepted, [entry["cell"] for entry in left]


def keep(outputs: list[Any]) -> list[dict[str, Any]]:
    """Outputs of a cell in the form that is accepted: text only, as lists of lines."""
    kept: list[dict[str, Any]] = []
    for output in outputs:
        if output["output_type"] == "stream":
            kept.append({"stream": output["name"], "text": output["text"].splitlines()})
        elif output["output_type"] == "error":
            kept.append({"error": output["ename"], "text": output["evalue"].splitlines()})
        else:
            data = {
                mime: text.splitlines()
                for mime, text in output["data"].items()
                if mime.startswith("text/")
            }
            kept.append({"shows": data})
    return kept


def difference(
    printed: list[Any], accepted: list[Any], rtol: float = RTOL, atol: float = ATOL
) -> str:
    """Say how what a cell printed differs from what was accepted; empty where it does not."""
    if printed and not accepted:
        return "It prints, but nothing was accepted for it:\n" + _text(printed)
    if len(printed) != len(accepted):
        return f"It gave {_text(printed) or 'nothing'}\nwhere this was accepted:\n{_text(accepted)}"
    for one, other in zip(printed, accepted, strict=True):
        for mime, lines, wanted in _sides(one, other):
            why = _lines_differ(lines, wanted, rtol, atol)
            if why:
                return f"{mime}: {why}"
    return ""


def _sides(one: dict[str, Any], other: dict[str, Any]) -> list[tuple[str, list[str], list[str]]]:
    """Two outputs as pairs of texts, by kind; a kind that only one has is paired with nothing."""

    def flat(output: dict[str, Any]) -> dict[str, list[str]]:
        if "shows" in output:
            return {f"shown as {mime}": lines for mime, lines in output["shows"].items()}
        kind = "stream" if "stream" in output else "error"
        return {f"{kind} {output[kind]}": output["text"]}

    left, right = flat(one), flat(other)
    return [
        (mime, left.get(mime, ["<absent>"]), right.get(mime, ["<absent>"]))
        for mime in sorted({*left, *right})
    ]


def _lines_differ(lines: list[str], wanted: list[str], rtol: float, atol: float) -> str:
    """Say on which line two texts differ; empty where floats are close and the rest equal."""
    if len(lines) != len(wanted):
        return f"{len(lines)} lines, accepted were {len(wanted)}:\n" + "\n".join(lines)
    for line, want in zip(lines, wanted, strict=True):
        a, b = _FLOAT.findall(line), _FLOAT.findall(want)
        rest_a = [part.split() for part in _FLOAT.split(line)]
        rest_b = [part.split() for part in _FLOAT.split(want)]
        if rest_a != rest_b:
            return f"it prints   {line!r}\naccepted is {want!r}"
        for x, y in zip(map(float, a), map(float, b), strict=True):
            close = x == y or (math.isfinite(x) and abs(x - y) <= atol + rtol * abs(y))
            if not close:
                return (
                    f"it prints   {line!r}\naccepted is {want!r}\n"
                    f"{x:g} is not within atol {atol:g} + rtol {rtol:g} of {y:g}"
                )
    return ""


def _text(outputs: list[Any]) -> str:
    """Outputs as a person reads them."""
    rows: list[str] = []
    for output in outputs:
        for lines in output["shows"].values() if "shows" in output else [output["text"]]:
            rows += lines
    return "\n".join(rows)
