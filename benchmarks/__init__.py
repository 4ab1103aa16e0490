"""Side-by-side measurements; never part of the tests. ``make bench`` runs them all."""
