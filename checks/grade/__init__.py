"""Grades for a class: strangers' code in a sandbox, one record each, reports at the end."""
