"""The pictures of the book: what went wrong where, images, templates, curves, paths, maps, graphs.

They need matplotlib, which is imported when the first picture is drawn.
"""

from .errors import error_map
from .graphs import graph
from .lines import curves, lines, loglog, panels
from .maps import heat
from .paths import paths
from .svg import Picture
from .tiles import film, images, templates

__all__ = [
    "Picture",
    "curves",
    "error_map",
    "film",
    "graph",
    "heat",
    "images",
    "lines",
    "loglog",
    "panels",
    "paths",
    "templates",
]
