"""What it costs to import our packages, beside NumPy alone. Target: at most 1.15 times."""

import statistics
import sys

from benchmarks.measure import at_most, in_turn, paired_ratio, record

TARGET = 1.15


def main(rounds: int = 25) -> None:
    """Start Python anew for each import, in turn."""
    # Ours are lazy, so NumPy is loaded beside them; with every name resolved, nothing is left out.
    statements = {
        "numpy": "import numpy",
        "checks": "import numpy, checks",
        "reference": "import numpy, reference",
        "checks, every name": "from checks import *",
        "reference, every name": "from reference import *",
    }
    costs = in_turn({n: [sys.executable, "-c", text] for n, text in statements.items()}, rounds)
    rows: list[dict[str, object]] = []
    for name in statements:
        ratio = paired_ratio(costs[name], costs["numpy"])
        rows.append(
            {
                "import": name,
                "processor_ms": round(1e3 * statistics.median(c.processor for c in costs[name])),
                "by_numpy": round(ratio, 3),
                **(at_most(TARGET, ratio) if name in ("checks", "reference") else {}),
            }
        )
    record("imports", rows)


if __name__ == "__main__":
    main()
