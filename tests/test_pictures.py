"""The pictures: what they show, what they refuse, and that they read on every page."""

import base64
import importlib
import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure

from reference.pictures import (
    Picture,
    curves,
    error_map,
    film,
    graph,
    heat,
    images,
    lines,
    loglog,
    panels,
    paths,
    templates,
)
from reference.pictures.errors import relative_error
from reference.pictures.svg import COLOURS, DASHES, GREY, MARKERS

ROOT = Path(__file__).resolve().parents[1]
SVG = "{http://www.w3.org/2000/svg}"

rng = np.random.default_rng(0)
NODES = {"x": (0, 1), "y": (0, 0), "*": (1, 0.5), "f": (2, 0.5)}
EDGES = [("x", "*", 2, 5.0), ("y", "*", "-4", None), ("*", "f", 1 / 3, 1)]
X = rng.integers(0, 256, (7, 28, 28))
W, W_COLOUR = rng.standard_normal((784, 10)), rng.standard_normal((192, 4))

EACH = {
    "error_map": lambda: error_map({"db": [1.0, 2.0]}, {"db": [1.0, 4.0]}),
    "error_map, large": lambda: error_map({"dw": np.ones((60, 50))}, {"dw": np.ones((60, 50))}),
    "images": lambda: images(X, list("abcdefg"), columns=4),
    "images in colour": lambda: images(rng.uniform(0, 255, (3, 32, 32, 3))),
    "templates": lambda: templates(rng.standard_normal((784, 10)), (28, 28), list("abcdefghij")),
    "film": lambda: film({"step 0": W, "step 9": -W}, (28, 28), list("abcdefghij")),
    "film in colour": lambda: film({"step 0": W_COLOUR, "step 9": W_COLOUR}, (8, 8, 3)),
    "heat": lambda: heat([[0.1, 0.85], [np.nan, 0.5]], [0.0, 0.1], [1e-4, 1e-3], "x", "y"),
    "heat of words": lambda: heat(np.eye(10), ["trouser"] * 10, ["pullover"] * 10, form=".0f"),
    "curves": lambda: curves({"a": rng.random((5, 40)), "b": rng.random(40)}, marks={"here": 0.5}),
    "lines": lambda: lines({"a": ([0, 1, 2], [3, 4, 5])}, "x", "y", {"here": 1}),
    "loglog": lambda: loglog({"a": ([0.1, 1], [1, 0.1]), "b": ([0.1, 1], [1, 1])}, "h", "error"),
    "panels": lambda: panels({"one": {"a": ([0, 1], [0, 1])}, "two": {"a": ([0, 1], [1, 0])}}),
    "paths": lambda: paths(
        lambda x, y: x**2 + y**2, {"one": [[1, 1], [0, 0]]}, xlim=(-1, 1), ylim=(-1, 1)
    ),
    "graph": lambda: graph(NODES, EDGES),
}


@pytest.fixture(scope="module", params=EACH)
def picture(request):
    return EACH[request.param]()


def pixels_of(picture):
    """The images inside a picture, as arrays."""
    from matplotlib.image import imread

    found = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)", picture.svg)
    return [imread(io.BytesIO(base64.b64decode(part)), format="png") for part in found]


def test_is_svg_of_its_size(picture):
    """A picture is well-formed SVG whose own size is the one that a notebook is told."""
    root = ET.fromstring(picture.svg)
    assert root.tag == f"{SVG}svg"
    width, height = (float(root.get(side).removesuffix("pt")) for side in ("width", "height"))
    assert (picture.width, picture.height) == (round(width * 96 / 72), round(height * 96 / 72))
    assert 0 < picture.width <= 640


def test_background_is_transparent(picture):
    """Nothing is painted behind a picture, so that the page shows through."""
    first = ET.fromstring(picture.svg).find(f".//{SVG}g[@id='patch_1']/{SVG}path")
    assert first is None or "fill: none" in first.get("style") or "opacity: 0" in first.get("style")
    assert not re.search(r"fill: #ffffff[^>]*/>\s*</g>\s*<g id=\"axes_1", picture.svg)


def test_no_outside_request(picture):
    """A picture asks no other server for anything: no font, no style, no image by address."""
    links = re.findall(r'href="([^"]*)"', picture.svg)
    assert all(link.startswith(("#", "data:")) for link in links)
    assert "@import" not in picture.svg
    assert "<text" not in picture.svg  # letters are drawn, so they look the same everywhere


def test_small(picture):
    """A picture weighs less than 150 kB."""
    assert len(picture.svg) < 150_000


@pytest.mark.parametrize("name", EACH)
def test_same_bytes(name):
    """The same arguments give the same bytes: no date, no random identifier."""
    np.random.seed(0)  # noqa: NPY002 - nothing here may depend on the hidden generator
    if "in colour" in name or name in ("templates", "curves"):
        state = rng.bit_generator.state
        first = EACH[name]()
        rng.bit_generator.state = state
        assert EACH[name]() == first
    else:
        assert EACH[name]() == EACH[name]()


def test_notebook_shows_it_once(picture):
    """A cell that ends in a picture shows one SVG, with its width, and a stable line of text."""
    from IPython.core.formatters import DisplayFormatter

    data, metadata = DisplayFormatter().format(picture)
    assert set(data) == {"image/svg+xml", "text/plain"}
    assert data["text/plain"] == f"<picture, {picture.width} x {picture.height} pixels>"
    assert metadata["image/svg+xml"] == {"width": picture.width}


def test_save(tmp_path):
    """A picture can be kept as a file."""
    picture = EACH["graph"]()
    picture.save(tmp_path / "graph.svg")
    assert (tmp_path / "graph.svg").read_text("utf-8") == picture.svg


def test_leaves_matplotlib_alone():
    """Drawing changes none of the reader's own settings, opens no figure, and obeys none either."""
    import matplotlib

    with matplotlib.rc_context({"xtick.major.size": 30, "svg.fonttype": "none"}):
        before = dict(matplotlib.rcParams)
        loud = EACH["loglog"]()
        assert dict(matplotlib.rcParams) == before
    assert loud == EACH["loglog"]()
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        assert pyplot.get_fignums() == []


def test_matplotlib_only_when_called():
    """Importing the pictures does not import matplotlib; drawing without it is a sentence."""
    code = (
        "import sys; import reference.pictures as p;"
        "assert 'matplotlib' not in sys.modules;"
        "sys.modules['matplotlib'] = None;"
        "p.images([[[0., 1.]]])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "ImportError: pictures need matplotlib, and it is not installed" in done.stderr


# Reads on light and dark pages, and without colour


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("page", ["#ffffff", "#121212"])
def test_contrast(page):
    """Words have a contrast above 4.2 on both pages, and lines above the 3 that WCAG asks for."""
    assert contrast(GREY, page) > 4.2
    for colour in COLOURS:
        assert contrast(colour, page) > 3


def test_lines_differ_without_colour():
    """Each of the five lines has dashes and a marker of its own."""
    assert len(COLOURS) == len(DASHES) == len(MARKERS) == len(set(map(str, DASHES))) == 5
    assert len(set(MARKERS)) == 5


# What they show


def test_error_is_relative():
    """An entry of an error map is the error as a part of what was right."""
    right = np.array([[1.0, -2.0], [4.0, 8.0]])
    assert np.allclose(relative_error("dw", right / 10, right), 0.9)
    assert np.allclose(relative_error("dw", -right, right), 2)
    assert np.array_equal(relative_error("dw", right, right), np.zeros((2, 2)))


def test_error_beside_zero():
    """Where the right entry is zero but for rounding, the largest entry is the measure."""
    error = relative_error("db", np.array([5.0, 1e-12]), np.array([10.0, -1e-12]))
    assert np.allclose(error, [[0.5, 2e-13]])
    assert np.array_equal(relative_error("db", np.ones(2), np.zeros(2)), np.ones((1, 2)))


def test_error_of_batches_has_a_row_per_example():
    """An array with many axes is shown with one row per example, a vector as one row."""
    assert relative_error("dx", np.ones((3, 2, 5)), np.ones((3, 2, 5))).shape == (3, 10)
    assert relative_error("db", np.ones(4), np.ones(4)).shape == (1, 4)
    assert relative_error("loss", 1.0, 2.0).shape == (1, 1)


def test_error_map_draws_nan():
    """A wrong array of nan and inf can be shown."""
    error_map({"dx": [np.nan, np.inf, 1.0]}, {"dx": [1.0, 1.0, 1.0]})


def test_error_map_refuses():
    """Different shapes and different names get a sentence with both sides."""
    with pytest.raises(ValueError, match=r"db has shape \(1, 5\), but the right one has \(5,\)"):
        error_map({"db": np.ones((1, 5))}, {"db": np.ones(5)})
    with pytest.raises(ValueError, match=r"wrong has \['dw'\], but right has \['db'\]"):
        error_map({"dw": [1.0]}, {"db": [1.0]})


def test_images_show_their_pixels():
    """Each image arrives pixel by pixel: 0 is black, 255 white, nothing between is smoothed."""
    X = np.zeros((2, 3, 4))
    X[0, 1, 2], X[1, 0, 0] = 255, 51
    first, second = pixels_of(images(X))
    assert first.shape[:2] == second.shape[:2] == (3, 4)
    assert first[1, 2, 0] == 1
    assert first[..., 0].sum() == 1
    assert abs(second[0, 0, 0] - 0.2) < 0.01  # 256 levels


def test_centred_images_keep_their_order():
    """Images with negative pixels are shown from their smallest to their largest value."""
    (shown,) = pixels_of(images(np.array([[[-100.0, 0.0, 100.0]]])))
    assert np.allclose(shown[0, :, 0], [0, 0.5, 1], atol=0.01)


def test_templates_centre_zero():
    """Weight 0 is mid-grey in every template, and each uses the whole range."""
    w = np.array([[1.0, -0.1], [0.0, 0.0], [-0.5, 0.05], [0.0, 0.1]])
    one, two = pixels_of(templates(w, (2, 2)))
    assert np.allclose(one[..., 0].ravel(), [1, 0.5, 0.25, 0.5], atol=0.01)
    assert np.allclose(two[..., 0].ravel(), [0, 0.5, 0.75, 1], atol=0.01)


def test_template_of_nothing():
    """Weights that are all zero are mid-grey, without a warning."""
    (shown,) = pixels_of(templates(np.zeros((4, 1)), (2, 2)))
    assert np.allclose(shown[..., 0], 0.5, atol=0.01)


def test_film_has_a_row_for_each_moment():
    """Moments come in their order, and in each a template has its own scale."""
    early, late = np.array([[1.0, 0.1], [0.0, -0.1]]), np.array([[4.0, 0.0], [-2.0, 3.0]])
    tiles = pixels_of(film({"early": early, "late": late}, (1, 2)))
    shown = [tile[..., 0].ravel() for tile in tiles]
    assert np.allclose(shown, [[1, 0.5], [1, 0], [1, 0.25], [0.5, 1]], atol=0.01)


def test_film_refuses():
    """Moments of different shapes, a wrong image shape and missing names get a sentence."""
    with pytest.raises(ValueError, match=r"every moment is \(D, K\), and these are .*\(4, 3\)"):
        film({"a": np.zeros((4, 2)), "b": np.zeros((4, 3))}, (2, 2))
    with pytest.raises(ValueError, match=r"4 weights, but an image of shape \(3, 2\) has 6"):
        film({"a": np.zeros((4, 2))}, (3, 2))
    with pytest.raises(ValueError, match="2 templates, but 1 names"):
        film({"a": np.zeros((4, 2))}, (2, 2), ["one"])
    with pytest.raises(ValueError, match="every moment"):
        film({}, (2, 2))


def test_heat_is_brighter_where_there_is_more():
    """The smallest number of a table is drawn darkest and the largest brightest, nan not at all."""
    (shown,) = pixels_of(heat([[0.2, 0.3, 0.9], [np.nan, 0.9, 0.2]], "ab", "xyz"))
    rows, columns = (
        np.linspace(0, size, 2 * n + 1)[1::2].astype(int)
        for size, n in zip(shown.shape, (2, 3), strict=False)
    )
    light = shown[rows][:, columns, :3].mean(axis=2)
    assert light[0, 0] < light[0, 1] < light[0, 2]
    assert np.allclose(light[0, [0, 2]], light[1, [2, 1]])
    assert shown[rows[1], columns[0], 3] == 0


def test_heat_of_equal_numbers():
    """A table of one number, of nan alone, and a frame round its cell neither warn nor raise."""
    heat([[0.5, 0.5]], [1], [1, 2], mark=(0, 1))
    heat([[np.nan, np.inf]], [1], [1, 2])


def test_heat_frames_the_marked_cell():
    """A mark adds a frame, and nothing else."""
    table = [[0.1, 0.2], [0.3, 0.4]]
    assert COLOURS[1] in heat(table, "ab", "xy", mark=(1, 0)).svg
    assert COLOURS[1] not in heat(table, "ab", "xy").svg


def test_heat_refuses():
    """A table that has not as many rows and columns as there are names gets a sentence."""
    with pytest.raises(ValueError, match=r"shape \(2, 2\), but there are 2 rows and 3 columns"):
        heat(np.zeros((2, 2)), "ab", "xyz")
    with pytest.raises(ValueError, match=r"heat: values has the shape \(2,\)"):
        heat(np.zeros(2), "ab", "x")


def test_steps_are_counted_in_whole_numbers(monkeypatch):
    """Below a curve over the steps of a run stands no fraction of a step."""
    module = importlib.import_module("reference.pictures.lines")
    figures = []
    monkeypatch.setattr(module, "draw", lambda size, on: on(figures[0]))
    for steps in (4, 21):
        figures[:] = [Figure(figsize=(6.0, 3.4))]
        curves({"a": rng.random(steps)})
        ticks = figures[0].axes[0].get_xticks()
        assert np.array_equal(ticks, np.rint(ticks))


def test_images_refuse():
    """What is not a batch of images, or has not its number of labels, gets a sentence."""
    with pytest.raises(ValueError, match=r"X has the shape \(28, 28\)"):
        images(np.zeros((28, 28)))
    with pytest.raises(ValueError, match=r"X has the shape \(0, 28, 28\)"):
        images(np.zeros((0, 28, 28)))
    with pytest.raises(ValueError, match="2 images, but 1 labels"):
        images(np.zeros((2, 28, 28)), ["one"])
    with pytest.raises(ValueError, match=r"an image of shape .* has 784 numbers"):
        templates(np.zeros((3072, 10)), (28, 28))
    with pytest.raises(ValueError, match="10 templates, but 2 names"):
        templates(np.zeros((4, 10)), (2, 2), ["one", "two"])


def test_log_axes_leave_out_what_they_cannot_show():
    """Zeros, negative values, nan and inf on a logarithmic axis neither warn nor raise."""
    x, y = [1e-3, 1e-2, 1e-1, 1.0], [0.0, -1.0, np.nan, np.inf]
    loglog({"none": (x, y), "one": (x, [1.0, 2.0, 3.0, 0.0])})


def test_curves_of_a_run_that_diverged():
    """A run that ends in inf and nan can be drawn."""
    curves({"diverged": [1.0, 1e300, np.inf, np.nan], "right": [1.0, 0.5, 0.2, 0.1]}, log="y")


def test_curves_show_their_spread():
    """Seeds give a band, one run gives none."""
    band = "PolyCollection"
    assert band in curves({"a": rng.random((5, 40))}).svg
    assert band not in curves({"a": rng.random(40)}).svg


def test_graph_refuses_an_unknown_node():
    """An edge to a node that is not there names both ends."""
    with pytest.raises(ValueError, match="the edge x -> g needs both"):
        graph(NODES, [("x", "g", 1, 1)])


def test_graph_is_a_picture():
    """A graph may be drawn with forward values alone, before anything flows back."""
    assert isinstance(graph(NODES, [(a, b, v, None) for a, b, v, _ in EDGES]), Picture)


@pytest.mark.parametrize(
    "names",
    [
        ["central, measured", "truncation", "rounding", "one-sided, measured"],
        ["right", "a sum", "rate x 1000", "wrong sign"],
        ["a name that is as long as a sentence, and longer than half", "b"],
        list("abcde"),
    ],
)
def test_the_names_of_the_lines_fit_below_the_picture(names):
    """No legend is cut off at the edge, however long its names are."""
    from matplotlib.figure import Figure

    from reference.pictures.lines import columns
    from reference.pictures.svg import WIDTH

    figure = Figure(figsize=(WIDTH, 3.6), dpi=100)
    axes = figure.subplots()
    handles = [axes.plot([0, 1], marker="o")[0] for _ in names]
    legend = figure.legend(handles, names, loc="lower center", ncols=columns(names), fontsize=11)
    figure.draw_without_rendering()
    box = legend.get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= WIDTH * 100
