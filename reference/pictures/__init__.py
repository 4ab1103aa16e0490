"""The pictures of the book: what went wrong where, images, templates, curves, graphs.

They need matplotlib, which is imported when the first picture is drawn.
"""

from .errors import error_map
from .graphs import graph
from .lines import curves, lines, loglog, panels
from .svg import Picture
from .tiles import images, templates

__all__ = [
    "Picture",
    "curves",
    "error_map",
    "graph",
    "images",
    "lines",
    "loglog",
    "panels",
    "templates",
]
