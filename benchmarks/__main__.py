"""Run all measurements, one after the other; a peer that is not installed is named as missing.

What a grade costs is measured apart, since its peers need an environment of their own:
``python -m benchmarks.grading --peers BIN``.
"""

from benchmarks import (
    adam,
    book,
    checks,
    gradient_check,
    images,
    imports,
    loading,
    training,
)

if __name__ == "__main__":
    imports.main()
    loading.main()
    images.main([])
    checks.main()
    training.main()
    gradient_check.main()
    adam.main()
    book.main()
