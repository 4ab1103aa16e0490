"""How Sphinx turns the proved chapters into the site. It runs no cell."""

import os
import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import myst_nb.core.execute.cache as execution
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from book._ext import chapters, edition, notebooks, other_images, proofs  # noqa: E402

EXTRA = ROOT / "_build" / f"extra{other_images.suffix()}{edition.suffix()}"

project = "Backprop by the Book"
author = "the Backprop by the Book authors"
copyright = (
    f"2026, {author}. Code: MIT. Text: CC BY 4.0. Images: Fashion-MNIST, 2017 Zalando SE, MIT"
)
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinxcontrib.bibtex",
    "book._ext.measured",
    "book._ext.syllabus",
    "book._ext.exercises",
    "book._ext.your_turn",
    "book._ext.other_images",
    "book._ext.edition",
]
root_doc = "index"
exclude_patterns = ["_ext", "outputs"]
nitpicky = True

myst_enable_extensions = ["amsmath", "attrs_block", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_cache_path = str(proofs.folder() / "cache")
nb_execution_raise_on_error = True
nb_merge_streams = True
nb_code_prompt_show = "Unfold the {type}"
nb_code_prompt_hide = "Fold the {type}"
bibtex_bibfiles = ["book/references.bib"]
bibtex_default_style = "plain"
bibtex_reference_style = "author_year"
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True

add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_use_ivar = True
napoleon_use_param = False
napoleon_use_rtype = False
nitpick_ignore_regex = [
    ("py:exc", r"[A-Za-z]+(Error|Exception|Interrupt)"),
    ("py:class", r"[a-z_]+"),  # attributes that a docstring lists
]

mathjax_path = "mathjax/tex-chtml.js"
mathjax3_config = {"options": {"enableMenu": False}}
math_numfig = False
math_eqref_format = "{number}"

html_theme = "sphinx_book_theme"
html_context = {"default_mode": "auto"}
html_favicon = "book/_static/favicon.svg"
html_title = project
html_static_path = ["book/_static"]
html_css_files = ["book.css"]
html_extra_path = [f"_build/{EXTRA.name}"]
html_show_sourcelink = not edition.student()
html_copy_source = not edition.student()
html_theme_options = {
    "navbar_persistent": [],
    "use_fullscreen_button": False,
    "show_toc_level": 2,
    "home_page_in_toc": True,
}


def prepare(app: Sphinx) -> None:
    """Take over what was proved, and refuse to run anything."""

    def refuse(*args: object, **options: object) -> None:
        raise ExtensionError("a chapter would have to run; `make site` proves it first")

    execution.single_nb_execution = refuse
    try:
        proofs.hand_over(chapters.chapters())
        folder = EXTRA / "notebooks"
        shutil.rmtree(folder, ignore_errors=True)
        for chapter in chapters.chapters():
            notebooks.write(chapter, folder)
    except chapters.ChapterError as error:
        raise ExtensionError(str(error)) from None


def offer_notebook(
    app: Sphinx, page: str, template: str, context: dict[str, object], doctree: object
) -> None:
    """Put the reader's notebook first under the download button of a chapter."""
    if not (EXTRA / "notebooks" / f"{page}.ipynb").exists():
        return
    for button in context.get("header_buttons", []):
        if button.get("label") == "download-buttons":
            button["buttons"].insert(
                0,
                {
                    "type": "link",
                    "url": context["pathto"](f"notebooks/{page}.ipynb", 1),
                    "text": ".ipynb, with your cells",
                    "tooltip": "Download this chapter as a notebook with cells for your own code",
                    "icon": "fas fa-code",
                    "label": "download-notebook-button",
                },
            )


def link_equations(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Let each label of an equation in a docstring lead to its formula."""
    lines[:] = [re.sub(r"\beq-[a-z0-9-]*[a-z0-9]\b", r":eq:`\g<0>`", line) for line in lines]


def copy_mathjax(app: Sphinx, problem: Exception | None) -> None:
    """Put the part of MathJax that the pages load beside them: no page asks another host."""
    if problem is None and app.builder.name == "html":
        source = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
        target = Path(app.outdir) / "_static" / "mathjax"
        for part in ("tex-chtml.js", "output/chtml/fonts/woff-v2"):
            (target / part).parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (source / part).is_dir() else shutil.copyfile
            options = {"dirs_exist_ok": True} if copy is shutil.copytree else {}
            copy(source / part, target / part, **options)


def setup(app: Sphinx) -> None:
    """Connect the above to the build."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    EXTRA.mkdir(parents=True, exist_ok=True)
    app.connect("builder-inited", prepare, priority=1)
    app.connect("autodoc-process-docstring", link_equations)
    app.connect("html-page-context", offer_notebook, priority=900)
    app.connect("build-finished", copy_mathjax)
