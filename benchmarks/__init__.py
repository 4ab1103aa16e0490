"""Side-by-side measurements; never part of the tests. ``make bench`` runs them all."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is imported, so set before
