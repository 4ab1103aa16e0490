"""What to write in Python 3 in the place of what Python 2 has left in a student's code."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES = {
    "tabs": "It mixes tabs and spaces, which Python 3 refuses: indent with spaces alone.",
    "print": "That is Python 2. In Python 3 print is a function: print(...).",
    "print_into": "That is Python 2. In Python 3: print(..., file=sys.stderr).",
    "except": "That is Python 2. In Python 3: except SomeError as e.",
    "raise": 'That is Python 2. In Python 3: raise ValueError("...").',
    "exec": "That is Python 2. In Python 3 exec is a function: exec(...).",
    "unequal": "That is Python 2. In Python 3 <> is written !=.",
    "backticks": "That is Python 2. In Python 3 `x` is written repr(x).",
    "long_number": "That is Python 2. In Python 3 a whole number has no L behind it.",
    "octal": "That is Python 2. In Python 3 a number in octal digits starts with 0o.",
    "unpacked": "That is Python 2. In Python 3 take the tuple apart in the first line of the body.",
    "xrange": "xrange is Python 2. In Python 3 it is range.",
    "raw_input": "raw_input is Python 2. In Python 3 it is input.",
    "unicode": "unicode is Python 2. In Python 3 it is str.",
    "basestring": "basestring is Python 2. In Python 3 it is str.",
    "long": "long is Python 2. In Python 3 it is int.",
    "unichr": "unichr is Python 2. In Python 3 it is chr.",
    "execfile": "execfile is Python 2. In Python 3: exec(open(name).read()).",
    "reduce": "In Python 3 reduce has to be fetched: from functools import reduce.",
    "cmp": "cmp is Python 2. In Python 3: (a > b) - (a < b).",
    "file": "file is Python 2. In Python 3 it is open.",
    "has_key": "has_key is Python 2. In Python 3: key in d.",
    "iteritems": "That is Python 2. In Python 3 it is d.items(), d.keys() or d.values().",
    "maxint": "sys.maxint is Python 2. In Python 3 it is sys.maxsize.",
    "izip": "izip, imap and ifilter are Python 2. In Python 3 zip, map and filter do that.",
    "no_list": "In Python 3 map, zip, filter and d.keys() give no list: list(...) makes one.",
    "division": "A size or an index is whole. In Python 3 a / b is a float even of two whole "
    "numbers; a // b stays whole.",
}
MODULES = {
    "cPickle": "pickle",
    "StringIO": "io",
    "cStringIO": "io",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
    "Queue": "queue",
    "ConfigParser": "configparser",
    "copy_reg": "copyreg",
    "__builtin__": "builtins",
    "exceptions": "builtins",
}


def instead(detail: Mapping[str, object]) -> list[str]:
    """Say what to write instead, where the detail of a problem names a leftover."""
    old = str(detail.get("old") or "")
    module = str(detail.get("module") or "")
    if old in SENTENCES:
        return [SENTENCES[old]]
    if module in MODULES:
        return [f"{module} is Python 2. In Python 3 it is {MODULES[module]}."]
    return []
