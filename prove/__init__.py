"""The long counts that `make prove` makes; `make test` holds them to what they stand on."""
