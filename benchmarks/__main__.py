"""Run all measurements, one after the other; a peer that is not installed is named as missing."""

from benchmarks import (
    adam,
    book,
    checks,
    gradient_check,
    grading,
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
    grading.main([])
