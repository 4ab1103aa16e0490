"""Front ends: each turns a Report into something to look at, and decides nothing."""
