"""What runs beside a stranger's code: it loads it, calls it and watches what it does.

Imports NumPy, the standard library and itself only, because a worker starts it by file
path, where neither ``checks`` nor ``reference`` can be imported.
"""
