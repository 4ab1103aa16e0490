"""The sentences for code that gave no value: what stopped it, where, and in which line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from checks.show.causes import cause, shapes
from checks.show.leftovers import instead
from checks.show.numbers import listed, number

Detail = Mapping[str, Any]
MORE_TIME = "For more time:  --seconds 60"


def problem(kind: str, where: str, detail: Detail) -> list[str]:
    """Say why there is no value."""
    word = _PROBLEMS.get(kind)
    if word is None:
        return [f"{where + ': ' if where else ''}{kind}."]
    return word(where, detail)


def _source(d: Detail) -> list[str]:
    text = str(d.get("source") or "")
    return [f"    {text[:90]}"] if text else []


def _missing(where: str, d: Detail) -> list[str]:
    close = [str(name) for name in d.get("close", ())]
    guess = f" Is it {listed(close)}?" if close else ""
    name = str(d.get("function", ""))
    owner, _, method = name.partition(".")
    if method:
        return [f"{owner} has no method called {method}."]
    kind = "class" if name[:1].isupper() else "function"
    if d.get("borrowed"):
        return [
            f"{name} is only imported, from {d['borrowed']} ({where}).",
            f"What counts here is a {kind} of your own.",
        ]
    return [f"No {kind} called {name} was found.{guess}"]


def _not_started(where: str, d: Detail) -> list[str]:
    return [f"{d.get('function', 'It')} is still the stub{f' ({where})' if where else ''}."]


def _syntax(where: str, d: Detail) -> list[str]:
    message = str(d.get("message") or "").partition(". Did you mean")[0].rstrip(".")
    return [f"{where} is not Python: {message}.{_more(d)}", *_source(d), *instead(d)]


def _import(where: str, d: Detail) -> list[str]:
    module, who = d.get("module"), d.get("function") or "The code"
    if d.get("left_out"):
        return [_left_out(where, d), *_source(d), *instead(d)]
    if module:
        return [
            f"{who} needs {module}, which is not there while code is judged ({where}).",
            *_source(d),
            *(instead(d) or ["NumPy and Python's standard library are there."]),
        ]
    return [f"{where or 'The code'} cannot be imported: {_error(d)}.", *_source(d), *instead(d)]


def _left_out(where: str, d: Detail) -> str:
    return f"{where} was left out, since it raised {_error(d)}.{_more(d)}"


def _more(d: Detail) -> str:
    """Say how many other places of the same file have the same fate, where there are any."""
    more = int(d.get("more") or 0)
    if not more:
        return ""
    return f" So {'was one more place' if more == 1 else f'were {more} more places'} in that file."


def _raised(where: str, d: Detail) -> list[str]:
    at = f" at {where}" if where else ""
    through = f" in {d['inner']}, called at {d['from']}" if d.get("from") else ""
    said = f"{d.get('function', 'It')} raised {_error(d)}{at}{through}."
    return [said, *_source(d), *(instead(d) or [*shapes(d), *cause(d)])]


def _error(d: Detail) -> str:
    message = str(d.get("message") or "").strip().rstrip(".")
    sizes = re.search(r"^matmul: .*core dimension.*\(size (\d+) is different from (\d+)\)", message)
    if sizes:  # NumPy speaks of gufunc signatures here
        message = f"the inner sizes of a matrix product differ, {sizes[2]} and {sizes[1]}"
    return f"{d.get('error', 'an error')}{f': {message}' if message else ''}"


def _timeout(where: str, d: Detail) -> list[str]:
    seconds = float(d.get("seconds") or 0)
    after = f"{seconds:g} second{'' if seconds == 1 else 's'}"
    if d.get("doing") == "everything":
        return [f"All that was handed in took longer than {number(d['seconds'])} s together."]
    what = "The import" if d.get("doing") == "import" else str(d.get("function", "It"))
    at = f", at {where}" if where else ""
    return [
        f"{what} had not come to an end after {after}{at}. It was stopped.",
        *_source(d),
        "Does each of its loops end?",
        MORE_TIME,
    ]


def _unfinished(where: str, d: Detail) -> list[str]:
    after = f"{float(d.get('seconds') or 0):.3g}"
    late = f"{where} was left out, since the import had not come to an end after {after} s."
    return [late + _more(d), *_source(d), "Does each of its loops end?"]


def _died(where: str, d: Detail) -> list[str]:
    status = d.get("status", "")
    what = f"Importing {where}" if d.get("doing") == "import" else str(d.get("function", "It"))
    return [
        f"{what} ended the whole process that it ran in{f' ({status})' if status else ''}.",
        "sys.exit, os._exit, or memory that runs out, does that.",
    ]


def _refused_import(where: str, d: Detail) -> list[str]:
    who, module = d.get("function"), d.get("module", "reference")
    if not who:
        return [f"{where} imports {module}, which holds the answers: what counts is your own."]
    used = d.get("used") or who
    if used == who:
        return [
            f"{who} uses {module}, which holds the answers ({where}).",
            "It is not there while code is judged: what counts here is your own.",
        ]
    return [
        f"{who} uses the {used} of reference, which holds the answers ({where}).",
        f"It is not there while code is judged: {who} has to stand on your own {used}.",
        "Is it in another file or notebook? Put that into the same folder.",
    ]


def _not_callable(where: str, d: Detail) -> list[str]:
    found = f": it is of type {d['type']}" if d.get("type") else ""
    name = str(d.get("function", "It")).partition(".")[0]
    kind = "class" if name[:1].isupper() and name != "It" else "function"
    return [f"{name} is no {kind}{found}{f' ({where})' if where else ''}."]


def _unreadable(where: str, d: Detail) -> list[str]:
    return [f"{where or 'A file'} cannot be read: {d.get('message') or d.get('error', '')}."]


def _set_aside(where: str, d: Detail) -> list[str]:
    return [f"{where} does not count: {d.get('newer')} was handed in after it."]


def _late(where: str, d: Detail) -> list[str]:
    return ["It was handed in late."]


def _not_code(where: str, d: Detail) -> list[str]:
    return [f"{where} was not opened: .py, .ipynb and .zip are."]


def _no_code(where: str, d: Detail) -> list[str]:
    there = [str(name) for name in d.get("there", ())]
    return [f"No Python was found in what was handed in{f': {listed(there)}' if there else ''}."]


def _absent(where: str, d: Detail) -> list[str]:
    told = f"{where} imports {d.get('module')}, which is not there while code is judged."
    return [told, *instead(d)]


def _ambiguous(where: str, d: Detail) -> list[str]:
    others = listed([str(other) for other in d.get("others", ())])
    return [f"{d.get('function')} is defined more than once: {d.get('file')} counts, not {others}."]


def _ignored(where: str, d: Detail) -> list[str]:
    cells = [str(cell) for cell in d.get("cells", ())]
    of = f"cell{'' if len(cells) == 1 else 's'} {listed(cells[:5])}{' ...' if cells[5:] else ''}"
    return [f"{where}, {of}: only imports, definitions and constants are read from a notebook."]


def _in_place(where: str, d: Detail) -> list[str]:
    what = listed(d.get("changed", ()))
    return [
        f"{d.get('function')} writes into {what}. It costs nothing here; "
        f"a net that reads {what} a second time would find something else."
    ]


def _late_start(where: str, d: Detail) -> list[str]:
    return [
        f"{d.get('function')} counts its steps from t = 1, so that the first is corrected as if "
        "it were the second. It costs nothing here; a first step from t = 0 is the published one."
    ]


def _other_variant(where: str, d: Detail) -> list[str]:
    return [
        f"{where} says that it answers variant {d.get('found')}; "
        f"it was judged as variant {d.get('asked')}."
    ]


def _fault(where: str, d: Detail) -> list[str]:
    return [
        f"{d.get('check')} could not be judged: a check of ours broke ({_error(d)}, "
        f"{d.get('line')}, seed {d.get('seed')}). That is a fault of checks, not of your code: "
        "please report these lines, with your code if you may."
    ]


_PROBLEMS: dict[str, Callable[[str, Detail], list[str]]] = {
    "missing": _missing,
    "not_started": _not_started,
    "syntax": _syntax,
    "import": _import,
    "raised": _raised,
    "timeout": _timeout,
    "died": _died,
    "unfinished": _unfinished,
    "refused": _refused_import,
    "not_callable": _not_callable,
    "unreadable": _unreadable,
    "set_aside": _set_aside,
    "late": _late,
    "not_code": _not_code,
    "no_code": _no_code,
    "absent": _absent,
    "ambiguous": _ambiguous,
    "ignored": _ignored,
    "in_place": _in_place,
    "late_start": _late_start,
    "other_variant": _other_variant,
    "fault": _fault,
}
