"""Small changes to the book's own code, each of which the checks have to notice."""
