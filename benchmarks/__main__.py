"""Run all measurements, one after the other."""

from benchmarks import book, imports

if __name__ == "__main__":
    imports.main()
    book.main()
