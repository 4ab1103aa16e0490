"""Print the key of the set-up: what .venv was made from; print nothing on an old Python."""

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if sys.version_info >= (3, 11):  # noqa: UP036 - an older Python may well run this file
    parts = [sys.version, sys.executable, str(ROOT / ".venv")]
    parts += [(ROOT / name).read_text("utf-8") for name in ("pyproject.toml", "constraints.txt")]
    print(hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16])
