"""Correct code at points where slopes are hard to measure, which no verdict may call wrong."""
