"""The long counts: what `make prove` runs, and the results that `make test` holds to their sources."""
