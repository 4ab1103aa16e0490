"""What Python 2 has left in a student's code, by an id: the words for each are in ``show``."""

from __future__ import annotations

import re

NAMES = {
    *("xrange", "raw_input", "unicode", "basestring", "long", "unichr", "execfile"),
    *("reduce", "cmp", "file"),
}
METHODS = {
    "has_key": "has_key",
    **dict.fromkeys(("iteritems", "iterkeys", "itervalues"), "iteritems"),
    "maxint": "maxint",
}
MODULES = {
    *("cPickle", "StringIO", "cStringIO", "urllib2", "urlparse", "Queue", "ConfigParser"),
    *("copy_reg", "__builtin__", "exceptions"),
}
LINES = {  # of the line that is no Python 3
    "print": re.compile(r"\bprint\b(?!\s*[(=.])"),
    "except": re.compile(r"\bexcept\s+[\w.]+\s*,\s*\w+\s*:|\bexcept\s*\(.*\)\s*,\s*\w+\s*:"),
    "raise": re.compile(r"\braise\s+[\w.]+\s*,"),
    "exec": re.compile(r"\bexec\b(?!\s*\()"),
    "unequal": re.compile(r"<>"),
    "backticks": re.compile(r"`"),
    "long_number": re.compile(r"\b\d+L\b"),
    "octal": re.compile(r"(?<![\w.])0\d+\b"),
    "unpacked": re.compile(r"\bdef\s+\w+\(.*\([\w\s,]+\).*\)\s*:"),
}
NO_LIST = re.compile(
    r"'(?:dict_keys|dict_values|dict_items|map|filter|zip|range)' object "
    r"(?:is not subscriptable|does not support item assignment|has no attribute '(?:sort|append)')"
    r"|object of type '(?:map|filter|zip)' has no len"
    r"|unsupported operand type\(s\) for \+: '(?:range|dict_keys|dict_values|dict_items|map)'"
)
NO_WHOLE = re.compile(
    r"'(?:numpy\.)?float(?:64)?' object cannot be interpreted as an integer"
    r"|slice indices must be integers|indices must be integers or slices, not (?:numpy\.)?float"
    r"|only integers, slices"
)
PRINTS_INTO = re.compile(r"\bprint\s*>>")


def in_syntax(message: str, source: str) -> str:
    """Which leftover keeps a line from being Python 3; "" for none."""
    if "inconsistent use of tabs and spaces" in message:
        return "tabs"
    return next((old for old, pattern in LINES.items() if pattern.search(source)), "")


def in_error(error: BaseException, message: str, source: str) -> str:
    """Which leftover raised; "" for none."""
    name = getattr(error, "name", None)
    if isinstance(error, NameError) and name in NAMES:
        return str(name)
    if isinstance(error, ModuleNotFoundError) and name in MODULES:
        return str(name)
    if isinstance(error, AttributeError) and name in METHODS:
        return METHODS[name]
    if isinstance(error, ImportError) and re.search(r"import name '(?:izip|imap|ifilter)", message):
        return "izip"
    if isinstance(error, TypeError | AttributeError) and NO_LIST.search(message):
        return "no_list"
    if isinstance(error, TypeError) and PRINTS_INTO.search(source):
        return "print_into"
    if isinstance(error, TypeError | IndexError) and NO_WHOLE.search(message):
        return "division"
    return ""
