"""Why there is no value, as plain data: which kind, where, and what a sentence about it needs."""

from __future__ import annotations

import linecache
import re
from collections.abc import Callable
from types import FrameType

from .alarm import TooLong
from .cause import circumstances
from .leftovers import in_error, in_syntax

PACKAGE = "their_code_"  # and a number: the package that one student's files become
KEPT = 400  # characters of a stranger's message

Place = Callable[[str], str]
"""The file as its author knows it, of a file name in a traceback; "" for code of others."""


class Trouble(Exception):  # noqa: N818 - not an error of ours
    """A problem on its way to the judge; ``kind`` and ``detail`` are those of model.Problem."""

    def __init__(self, kind: str, where: str = "", **detail: object) -> None:
        super().__init__(kind, where, detail)
        self.kind = kind
        self.where = where
        self.detail = detail

    def with_more(self, more: int) -> Trouble:
        """The same, for others of the same file as well: one remark for all of them."""
        return Trouble(self.kind, self.where, **{**self.detail, "more": more})

    def plain(self) -> dict[str, object]:
        """The same as a value for the wire."""
        return {"kind": self.kind, "where": self.where, "detail": dict(self.detail)}


class Absent(ModuleNotFoundError):  # noqa: N818
    """A module was used that is not there while code is judged."""

    kind = "import"

    def __init__(self, module: str, line: tuple[str, str], used: str = "") -> None:
        super().__init__(f"{module} is not there while code is judged", name=module)
        self.line = line
        self.used = used  # what was taken out of it


class Refused(Absent):
    """The book's own answers were used."""

    kind = "refused"


class Broken(ImportError):  # noqa: N818
    """An import of one of the student's own files, whose trouble is known already."""

    def __init__(self, trouble: Trouble, path: str) -> None:
        super().__init__(f"{path} cannot be imported", name=path)
        self.trouble = trouble


def explain(error: BaseException, place: Place, kind: str = "raised") -> Trouble:
    """Say what an exception means, at the last line of the student's own that it passed."""
    if isinstance(error, Trouble):
        return error
    if isinstance(error, Broken):
        return error.trouble
    where, source, frame = _own_line(error, place)
    if isinstance(error, Absent):
        where, source = error.line if error.line[0] else (where, source)
        taken = {"used": error.used} if error.used else {}
        return Trouble(error.kind, where, module=error.name or "", source=source, **taken)
    if isinstance(error, TooLong):
        return Trouble("unfinished", where, seconds=error.seconds, source=source)
    if isinstance(error, NotImplementedError) and kind == "raised":
        who = _own_function(error, place)
        found = {"function": who, "message": said(error)}
        return Trouble("not_started", where, **{k: text for k, text in found.items() if text})
    message = said(error)
    detail: dict[str, object] = {"error": name_of(error), "message": message, "source": source}
    detail |= circumstances(error, frame, source) if kind == "raised" else {}
    detail |= _called_at(error, place, where)
    if isinstance(error, ImportError):
        kind = "import"
        detail["message"] = re.sub(r" \([^()]*\)$", "", message)  # the path of a whole machine
    if isinstance(error, ModuleNotFoundError) and isinstance(error.name, str):
        detail["module"] = tidy(error.name)
    old = in_error(error, message, source)
    if old:
        detail["old"] = old
    return Trouble(kind, where, **detail)


def explain_syntax(error: BaseException, path: str, whole: str = "") -> Trouble:
    """Say what keeps a file, of which this is the whole text, from being read as Python."""
    line = getattr(error, "lineno", None) or 0
    text = "".join(whole.split("\n")[line - 1 : line]) if line else ""
    text = text or getattr(error, "text", None) or ""
    message = str(getattr(error, "msg", "") or said(error))[:KEPT]
    detail: dict[str, object] = {
        "error": name_of(error),
        "message": message,
        "source": text.strip()[:KEPT],
    }
    old = in_syntax(message, text)
    if old:
        detail["old"] = old
    return Trouble("syntax", f"{path}:{line}" if line else path, **detail)


def said(error: BaseException) -> str:
    """The message of an exception, shortened; an exception's own __str__ may fail."""
    try:
        return tidy(str(error))[:KEPT]
    except BaseException:
        return ""


def name_of(thing: object) -> str:
    """The name of something's type, as a short text whatever its class makes of it."""
    return str.__str__(type.__dict__["__name__"].__get__(type(thing)))[:80]


def tidy(text: str) -> str:
    """Take our name of the student's package out of a text."""
    return re.sub(rf"{PACKAGE}\d+\.?", "", text)


def frame_line(frame: FrameType, line: int, place: Place) -> tuple[str, str]:
    """The place and the text of the line that a frame is at, or two empty texts."""
    path = place(frame.f_code.co_filename)
    if not path:
        return "", ""
    text = linecache.getline(frame.f_code.co_filename, line).strip()
    return f"{path}:{line}", text[:KEPT]


def _own_function(error: BaseException, place: Place) -> str:
    """The innermost function of theirs that an exception passed, by its name in its class."""
    found, trace = "", error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        found = code.co_qualname.rpartition("<locals>.")[2] if place(code.co_filename) else found
        trace = trace.tb_next
    return tidy(found)[:80]


def _own_line(error: BaseException, place: Place) -> tuple[str, str, FrameType | None]:
    """The innermost line of theirs: its place, its text, and its frame."""
    found: tuple[str, str, FrameType | None] = "", "", None
    trace = error.__traceback__
    while trace is not None:
        here = frame_line(trace.tb_frame, trace.tb_lineno, place)
        found = (*here, trace.tb_frame) if here[0] else found
        trace = trace.tb_next
    return found


def _called_at(error: BaseException, place: Place, where: str) -> dict[str, object]:
    """The outermost line of theirs, where it lies in another function than the innermost."""
    trace = error.__traceback__
    while trace is not None:
        here, _ = frame_line(trace.tb_frame, trace.tb_lineno, place)
        if here:
            inner = _own_function(error, place)
            outer = tidy(trace.tb_frame.f_code.co_qualname.rpartition("<locals>.")[2])
            return {"from": here, "inner": inner} if here != where and outer != inner else {}
        trace = trace.tb_next
    return {}
