"""Run all measurements, one after the other; a peer that is not installed is named as missing."""

from benchmarks import book, gradient_check, images, imports, loading, training

if __name__ == "__main__":
    imports.main()
    loading.main()
    images.main([])
    training.main()
    gradient_check.main()
    book.main()
