"""Turn a student's files, ``{posix path: text}``, into modules that shadow nothing.

The files become one package with a name of its own, served from memory: their folder
never enters ``sys.path``. An ``import`` statement of theirs means, in this order: the
standard library or NumPy; another file of theirs; a stand-in (``standins``). So their
``numpy.py`` or ``checks.py`` is a file among others, and what is installed beside NumPy
is not there: what passes here passes wherever it is graded.

Where several files define a function, the one that counts is chosen by ``Index.rank``.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import itertools
import linecache
import sys
import warnings
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import PurePosixPath
from types import CodeType, FrameType, ModuleType
from typing import Any

from .alarm import Alarm, TooLong
from .index import DEFINED, IMPORTED, Index, bound
from .observe import quiet
from .standins import Gone, StandIn, is_answer, is_harmless, path_of, top, trouble_of
from .state import BUILTINS, LOADED, builtins_kept, kept
from .trouble import PACKAGE, Broken, Trouble, explain, name_of

REAL = sys.stdlib_module_names | {"numpy"}
OURS = {"checks", "reference"}

MOST_LOST = 20  # statements of one file that may raise or not end
MOST_COLUMNS = 1 << 30

_numbers = itertools.count(1)


class Finder(MetaPathFinder):
    """Where Python's import asks for the files of any library, from the first one on."""

    def __init__(self) -> None:
        self.libraries: dict[str, Library] = {}

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        """Ask the library whose package it is."""
        library = self.libraries.get(top(fullname))
        return library.find_spec(fullname) if library is not None else None


FINDER = Finder()
sys.meta_path.insert(0, FINDER)


class Library(Loader):
    """One student's files as modules, each executed when something in it is wanted.

    Args:
        texts: the files; a notebook's text is the Python in it.
        homes: for a function, the stem of the file that the book keeps it in.
        root: the folder that the files are in, for debuggers; or "".
    """

    def __init__(
        self,
        texts: Mapping[str, str],
        homes: Mapping[str, str] | None = None,
        root: str = "",
    ) -> None:
        self.package = f"{PACKAGE}{next(_numbers)}"
        self.index = Index(texts, homes or {}, root or f"<{self.package}>")
        self.failed = dict(self.index.failed)
        self.notes = [*self.failed.values(), *self.index.notes]
        self.loading = 0
        self.alarm: Alarm | None = None
        self.has_meddled = False  # with the loaded modules, by what a file has executed
        self.lent: list[str] = []
        self.modules, self.folders = _name_modules(self.package, texts)
        self.paths = {name: path for path, name in self.modules.items()}
        self.packages = set(self.folders.values())
        self.builtins = BUILTINS.copy()
        self.builtins["__import__"] = self._import
        self.builtins["get_ipython"] = StandIn("IPython", ("", ""), self)
        FINDER.libraries[self.package] = self
        if FINDER not in sys.meta_path:
            sys.meta_path.insert(0, FINDER)

    @property
    def asked(self) -> Container[str]:
        """The functions that the book asks for."""
        return self.index.homes

    def close(self) -> None:
        """Forget the modules."""
        FINDER.libraries.pop(self.package, None)
        for name in list(sys.modules):
            if name == self.package or name.startswith(f"{self.package}."):
                del sys.modules[name]
        self.index.forget()

    def locate(self, name: str) -> str:
        """The file that ``name`` is taken from, with a remark on the others."""
        path, others = self.index.locate(name)
        if others:
            self._note("ambiguous", path, function=name, file=path, others=others)
        return path

    def find(self, name: str) -> Callable[..., Any]:
        """Execute the file that defines ``name``, and take it from there; or raise Trouble."""
        path = self.locate(name)
        module = self.load(path)
        line = self.index.line(path, name)
        if name not in vars(module):
            raise Trouble("missing", line, function=name)
        value = vars(module)[name]
        if isinstance(value, StandIn):
            used = explain(trouble_of(value), self.place)
            if self.index.kind(path, name) == IMPORTED and top(path_of(value)) in OURS:
                lent = {"function": name, "borrowed": used.detail["module"]}
                raise Trouble("missing", line, **lent)  # nobody tried to write it
            raise used
        if not callable(value):
            raise Trouble("not_callable", line, function=name, type=name_of(value))
        return value  # type: ignore[no-any-return]

    @contextmanager
    def own(self, name: str) -> Iterator[Callable[..., Any] | None]:
        """The student's function of that name, for code that took it from the book.

        None where they have none, and where it is this very function that asks for it.
        """
        found = None
        if name not in self.lent:
            with suppress(Trouble):
                found = self.find(name)
        self.lent.append(name)
        try:
            yield found
        finally:
            self.lent.pop()

    def load(self, path: str) -> ModuleType:
        """Execute one file, once, or raise the Trouble that it met."""
        if path not in self.failed:
            there = sys.modules.get(self.modules[path])
            if there is not None:
                return there
            try:
                with quiet(), kept(), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    return self._imported(self.modules[path])
            except BaseException as error:
                self.failed.setdefault(path, explain(error, self.place, "import"))
        self.failed[path].detail.setdefault("file", path)
        raise self.failed[path]

    def _imported(self, name: str) -> ModuleType:
        """Import one of their modules; that it is among the loaded ones now is our doing."""
        self.has_meddled = False
        module = importlib.import_module(name)
        if not self.has_meddled:
            LOADED.accept()
        return module

    def scopes(self) -> list[dict[str, Any]]:
        """The global names of each module that was executed."""
        modules = [sys.modules.get(name) for name in self.paths]
        return [vars(module) for module in modules if module is not None]

    def place(self, filename: str) -> str:
        """The file of theirs that a traceback calls ``filename``, or ""."""
        return self.index.path_of.get(filename, "")

    # The import system's side: serve the files of this package from memory

    def find_spec(self, fullname: str) -> ModuleSpec | None:
        """Serve the files of this package, and no other."""
        if fullname not in self.paths and fullname not in self.packages:
            return None
        return ModuleSpec(fullname, self, is_package=fullname in self.packages)

    def exec_module(self, module: ModuleType) -> None:
        """Run the text of a file in its module, with an ``import`` of our own."""
        path = self.paths.get(module.__name__)
        if path is None:
            return  # a folder without __init__.py
        if path in self.failed:
            raise Broken(self.failed[path], path)
        self.loading += 1
        loaded = LOADED.stamp()
        try:
            with builtins_kept():
                self._execute(path, module)
        except BaseException as error:
            self.failed[path] = explain(error, self.place, "import")
            if module.__name__ not in self.packages or not isinstance(error, Exception):
                raise
            self.notes.append(self.failed[path])  # its other files can still be judged
        finally:
            self.loading -= 1
            self.has_meddled |= LOADED.stamp() != loaded

    def _execute(self, path: str, module: ModuleType) -> None:
        """Run the statements of a file; one that raises or does not end is left out, and told.

        One that exits ends the file: what stands above it counts.
        """
        space = module.__dict__
        space.update({"__builtins__": self.builtins, "__file__": self.index.filename(path)})
        for name, trouble in self.index.cut[path].items():
            space[name] = Gone(name, trouble, path, self)
        rest = self.index.trees[path].body
        lost: list[Trouble] = []
        while rest:
            try:
                self._run(rest, path, space)
                break
            except MemoryError:
                raise  # what has taken it may still hold it
            except (Exception, TooLong, SystemExit) as error:
                trouble = explain(error, self.place, "import")
                reached = _reached(rest, error, self.index.filename(path))
                if reached is None or len(lost) == MOST_LOST:
                    raise  # not a statement of its own, or too many of them
                lost += [] if isinstance(error, Broken) else [trouble]
                has_ended = isinstance(error, SystemExit)
                after = len(rest) if has_ended else reached + 1
                for statement in rest[reached:after]:
                    for name, kind in bound(statement).items():
                        if name not in space or (kind == DEFINED and not has_ended):
                            space[name] = Gone(name, trouble, path, self)
                rest = rest[after:]
        if lost:
            first = lost[0].with_more(len(lost) - 1)
            self._note(first.kind, first.where, **{**first.detail, "left_out": True})

    def _run(self, body: list[ast.stmt], path: str, space: dict[str, Any]) -> None:
        if body is self.index.trees[path].body:
            self._exec(self.index.codes[path], space)
            return
        future = [one for one in self.index.trees[path].body if _is_future(one)]
        whole = ast.Module([*(one for one in future if one not in body), *body], [])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(whole, self.index.filename(path), "exec", dont_inherit=True)
        self._exec(code, space)

    def _exec(self, code: CodeType, space: dict[str, Any]) -> None:
        with nullcontext() if self.alarm is None else self.alarm.within(code):
            exec(code, space)

    # The student's side: what an import statement of theirs means

    def _import(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        importer = self.paths.get(str((globals or {}).get("__name__")), "")
        wanted = tuple(fromlist or ())
        first = top(name)
        if level == 0 and first in REAL and not self._means_own(importer, name, wanted):
            return builtins.__import__(name, globals, locals, wanted, 0)
        own = self._own(importer, name, level, wanted) if level or first not in OURS else None
        if own is None:
            return self._absent(name, wanted, importer, sys._getframe(1))
        module = builtins.__import__(own, None, None, wanted or ("__name__",), 0)
        return module if wanted else sys.modules[own.rsplit(".", name.count("."))[0]]

    def _means_own(self, importer: str, name: str, wanted: Sequence[str]) -> bool:
        """Whether ``from test import affine_forward`` can only mean their own test.py."""
        own = self._own(importer, name, 0, wanted) if wanted and name != "numpy" else None
        names = self.index.defined.get(self.paths.get(own or "", ""), {})
        if not names or not all(one in names for one in wanted):
            return False
        try:
            real = importlib.import_module(name)
        except ImportError:
            return True
        return not any(hasattr(real, one) for one in wanted)

    def _own(self, importer: str, name: str, level: int, wanted: Sequence[str]) -> str | None:
        """The module of theirs that an import means; found beside, above, or anywhere."""
        parts = name.split(".") if name else []
        around = [str(folder) for folder in PurePosixPath(importer).parents] if importer else ["."]
        if level:
            around = [around[min(level, len(around)) - 1]]
            if not parts:
                return self.folders[around[0]]
        inside = [parts[1:]] if parts[0] == "cs231n" and len(parts) > 1 else []
        for tail in [parts, *inside]:
            for folder in [*around, "."]:
                found = self._at(str(PurePosixPath(folder, *tail)))
                if found:
                    return found
            ending = "/" + "/".join(tail)
            anywhere = [path for path in self.modules if f"/{_stem(path)}".endswith(ending)]
            if anywhere:
                nearest = min(anywhere, key=lambda path: (path.count("/"), len(path), path))
                return self.modules[nearest]
        in_root = [self._at(one) for one in wanted]
        return self.package if parts == ["cs231n"] and in_root and all(in_root) else None

    def _at(self, place: str) -> str | None:
        """The module whose path without its ending is ``place``."""
        for path in (f"{place}.py", f"{place}/__init__.py", f"{place}.ipynb"):
            if path in self.modules:
                return self.modules[path]
        return self.folders.get(place)

    def _absent(self, name: str, wanted: Sequence[str], importer: str, frame: FrameType) -> StandIn:
        """Put a stand-in in place; or raise, where the code expects that or is being judged."""
        line = frame.f_lineno
        where = f"{importer}:{line}" if importer else ""
        source = linecache.getline(frame.f_code.co_filename, line).strip()
        if name == "reference" and wanted:
            name = f"reference.{wanted[0]}"
        module = name if top(name) in {*OURS, "cs231n"} else top(name)
        stand_in = StandIn(module, (where, source), self)
        harmless = is_harmless(module)
        if not harmless and (not self.loading or self.index.guarded(importer, line)):
            raise trouble_of(stand_in)
        self._note(
            "refused" if is_answer(module) else "absent",
            where,
            module=module,
            harmless=harmless or (top(module) in OURS and not is_answer(module)),
            source=source,
        )
        return stand_in

    def _note(self, kind: str, where: str, **detail: object) -> None:
        note = Trouble(kind, where, **detail)
        file = where.rpartition(":")[0]
        if kind == "refused" and any(
            known.kind == kind and known.where.rpartition(":")[0] == file for known in self.notes
        ):
            return  # said once for each file
        if note.plain() not in [known.plain() for known in self.notes]:
            self.notes.append(note)


def _name_modules(package: str, paths: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Name a module for every file and a package for every folder, each name once."""
    folders = {".": package}
    modules: dict[str, str] = {}
    taken: set[str] = {package}

    def free(parent: str, stem: str) -> str:
        name = f"{parent}.{stem.replace('.', '_')}"
        while name in taken:
            name += "_"
        taken.add(name)
        return name

    for path in sorted(paths):
        above = "."
        for name in path.split("/")[:-1]:
            folder = name if above == "." else f"{above}/{name}"
            if folder not in folders:
                folders[folder] = free(folders[above], name)
            above = folder
    for path in sorted(paths, key=lambda path: (path.endswith(".ipynb"), path)):
        folder, _, name = path.rpartition("/")
        parent = folders[folder or "."]
        modules[path] = parent if name == "__init__.py" else free(parent, name.rpartition(".")[0])
    return modules, folders


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _reached(body: Sequence[ast.stmt], error: BaseException, filename: str) -> int | None:
    """Which statement of a file an exception comes from."""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == filename and code.co_name == "<module>":
            line, column = trace.tb_lineno, _column(code, trace.tb_lasti)
            there = [i for i, one in enumerate(body) if _first(one) <= line <= _last(one)]
            begun = [i for i in there if (body[i].lineno, body[i].col_offset) <= (line, column)]
            return (begun or there)[-1] if there else None
        trace = trace.tb_next
    return None


def _column(code: CodeType, place: int) -> int:
    """Where on its line an instruction begins, in bytes; far right where it is not known."""
    _, _, column, _ = next(itertools.islice(code.co_positions(), place // 2, None), (None,) * 4)
    return MOST_COLUMNS if column is None else column


def _first(statement: ast.stmt) -> int:
    decorators = [one.lineno for one in getattr(statement, "decorator_list", ())]
    return int(min([statement.lineno, *decorators]))


def _last(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno


def _stem(path: str) -> str:
    place = PurePosixPath(path)
    return str(place.parent if place.name == "__init__.py" else place.with_suffix(""))
