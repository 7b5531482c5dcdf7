"""All views of a workspace, drawn in this process: pages with every tab and section, every command, every route."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import traceback
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from unittest import mock

import pandas as pd
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.errors import StreamlitDuplicateElementKey
from streamlit.runtime.scriptrunner import RerunException, StopException
from streamlit.testing.v1 import AppTest

from lib import cli
from lib.core import processes
from lib.core.workspace import VARIABLE, Workspace
from lib.training import architectures, events
from lib.training.launchers import local, ray_client
from lib.web.server.routes import routes
from lib.web.ui import guard, lazy_tabs
from tests.attack.damage.seeds import MADE, OTHER, QUICK_OTHER, QUICK_VICTIM, SEARCH, VICTIM, WAITING

ROOT = Path(__file__).resolve().parents[3]
#: What is drawn, and the file in ``pages/`` that draws it.
PAGES = {name: name for name in ("data", "train", "runs", "analyze", "predict", "learn")} | {
    "compare": "runs",
    "search": "runs",
}
_BEGIN, _END = "«view ", "«end»"
_OF = {VICTIM: "", OTHER: " of another run", QUICK_VICTIM: " of a quick model", QUICK_OTHER: " of another quick model"}
#: As what the data set is exported.
_FORM = "labels-csv"


@dataclass
class Drawn:
    """What the views of a workspace said.

    Attributes
    ----------
    sentences : dict
        Of each view its texts, numbers and figures, in order.
    tracebacks : dict
        Of each view that raised anything but a sentence for people, the traceback.
    """

    sentences: dict[str, list[str]] = field(default_factory=dict)
    tracebacks: dict[str, str] = field(default_factory=dict)


class _Tabs:
    """Stands in for `lazy_tabs.show`: draws every section of every tab, each for itself."""

    def __init__(self, drawn: Drawn):
        self.drawn, self.page = drawn, ""
        self.apart: set[str] = set()
        self.alone: set[str] = set()

    def show(
        self,
        tabs: Mapping[str, lazy_tabs.Draw | Mapping[str, lazy_tabs.Draw]],
        *,
        key: str,
        in_address: str = "",
        beside: Mapping[str, lazy_tabs.Draw] = MappingProxyType({}),
    ) -> None:
        for tab, content in tabs.items():
            for section, draw in (content if isinstance(content, Mapping) else {tab: content}).items():
                view = f"{self.page} · {tab} · {section}"
                if self.alone and view not in self.alone:
                    continue
                st.markdown(f"{_BEGIN}{view}")
                try:
                    with guard.errors():
                        beside.get(section, lambda: None)()
                        draw()
                except (RerunException, StopException, guard._Ended):
                    raise
                except StreamlitDuplicateElementKey:  # it shares a widget with another section: alone then
                    self.apart.add(view)
                except Exception:
                    self.drawn.tracebacks[view] = traceback.format_exc()
                st.markdown(_END)


def pages(workspace: Workspace, drawn: Drawn, *, run: str = VICTIM, only: Iterable[str] = PAGES) -> None:
    """Draw the pages on the data set `MADE` and ``run``, every section of every tab."""
    tabs = _Tabs(drawn)
    with prepared(workspace), mock.patch.object(lazy_tabs, "show", tabs.show):
        app = AppTest.from_file(str(ROOT / "lib/web/ui/router.py"), default_timeout=120)
        for page in only:
            tabs.page = page + _OF[run]
            app.query_params.clear()
            app.query_params["dataset"] = MADE
            if page == "data":
                app.query_params["item"] = "1"
            else:
                app.query_params["run"] = run
                app.query_params["compare"] = f"{VICTIM}.{OTHER}"
                app.session_state["choices-unfolded"] = True
            if page == "compare":
                app.query_params["versus"] = f"{VICTIM}.{OTHER}"
            if page == "search":
                app.query_params["search"] = SEARCH
            app = app.run() if page == "data" else app.switch_page(str(ROOT / f"pages/{PAGES[page]}.py")).run()
            _take(app, tabs.page, drawn, str(workspace.root))
            tabs.alone, tabs.apart = tabs.apart, set()
            if tabs.alone:
                _take(app.run(), tabs.page, drawn, str(workspace.root))
                tabs.alone = set()


#: What pages give to whoever may upload, which differs from session to session.
_TOKEN = re.compile(r'(?<="token": ")[\w-]+')


def _take(app: AppTest, page: str, drawn: Drawn, root: str) -> None:
    view = page
    drawn.sentences[page] = []
    for exception in app.exception:
        drawn.tracebacks[page] = (
            drawn.tracebacks.get(page, "") + f"{exception.message}\n" + "\n".join(exception.stack_trace)
        )
    for element in _elements(app._tree):
        text = _TOKEN.sub("TOKEN", _text(element).replace(root, "WORKSPACE"))
        if text.startswith(f"markdown {_BEGIN}"):
            view = text.removeprefix(f"markdown {_BEGIN}")
            drawn.sentences[view] = []
        elif text == f"markdown {_END}":
            view = page
        elif text:
            drawn.sentences[view].append(text)


def _elements(node) -> Iterator:
    children = getattr(node, "children", None)
    if children is None:
        yield node
        return
    for key in sorted(children):
        yield from _elements(children[key])


def _text(element) -> str:
    if element.type == "bidi_component":
        return f"component {element.proto.component_name} {element.proto.json}"
    value = getattr(element, "value", None)
    if isinstance(value, pd.DataFrame):
        return f"table {value.to_csv()}"
    label = getattr(element, "label", "")
    if value is None and not label:
        return f"{element.type} {element.proto}" if element.type in ("metric", "progress") else ""
    return f"{element.type} {label} {value}".replace("  ", " ")


@contextlib.contextmanager
def prepared(workspace: Workspace) -> Iterator[None]:
    """Let pages and commands find ``workspace``; no process is started and no host is asked."""

    def spawn(module: str, folder: Path, **_places: Path) -> bool:
        if module == "lib.training.worker":
            with (folder / events.EVENTS).open("a") as file:
                file.write('{"event": "stopped", "time": 1, "seconds": 1}\n')
        return True

    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        enter(mock.patch.dict("os.environ", {VARIABLE: str(workspace.root), ray_client.ADDRESS: ""}))
        enter(mock.patch.object(processes, "spawn", spawn))
        enter(mock.patch.object(local, "spawn", spawn))
        enter(mock.patch.object(processes, "START_GRACE", 600.0))  # what was asked is never answered, however slow
        enter(mock.patch.object(st, "expander", partial(st.expander, expanded=True)))  # what is folded is a view too
        enter(mock.patch.object(architectures, "check_host", lambda _arch: None))
        st.cache_data.clear()
        yield


def commands(output: Path) -> dict[str, list[str]]:
    """Return a line of every command that reads a data set or a run, by what it is called; those that change last."""
    picture = str(output.parent / "picture.png")
    lines = {
        "runs": ["runs"],
        "runs --best": ["runs", "--best", "accuracy_multi"],
        "edits": ["edits", MADE],
        "diff": ["diff", MADE, "import"],
        "check": ["check", MADE, "--no-pictures", "--all"],
        "stats": ["stats", MADE],
        "pairs": ["pairs", MADE],
        "split --dry-run": ["split", MADE, "--dry-run"],
        "export-dataset": ["export-dataset", MADE, "--format", _FORM, "--output", str(output / "made.zip")],
        "evaluate": ["evaluate", VICTIM],
        "evaluate test": ["evaluate", VICTIM, "--split", "test"],
        "evaluate the other": ["evaluate", OTHER],
        "points": ["points", VICTIM, "--against", OTHER],
        "thresholds": ["thresholds", VICTIM],
        "thresholds --objective": ["thresholds", VICTIM, "--objective", "f_beta"],
        "export": ["export", VICTIM, "--output", str(output / "predictions.csv")],
        "report": ["report", VICTIM, str(output / "report.html")],
        "mirror": ["mirror", VICTIM, "--to", "tensorboard", str(output / "mirror"), "--once"],
        "predict": ["predict", VICTIM, picture],
        "resume": ["resume", VICTIM, "--detach"],
        "finish": ["finish", VICTIM, "--detach"],
        "stop": ["stop", VICTIM],
        "search --show": ["search", MADE, "--show"],
        "search --show --json": ["search", MADE, "--show", "--json"],
        "search --stop": ["search", MADE, "--stop"],
        "search --go-on": ["search", MADE, "--go-on", "--detach"],
        "search --delete": ["search", MADE, "--id", SEARCH, "--delete"],
        "resume what waits": ["resume", WAITING, "--detach"],
        "stop what waits": ["stop", WAITING],
        "name": ["name", VICTIM, "another"],
        "train": ["train", MADE, "--detach", "--seed", "7"],
        "train --quick": ["train", MADE, "--quick", "--detach"],
        "train on the other": ["train", "whole", "--detach"],
        "lr-find": ["lr-find", MADE],
        "exclude": ["exclude", MADE, "1"],
        "include": ["include", MADE, "3"],
        "undo": ["undo", MADE],
        "redo": ["redo", MADE],
    }
    return {f"command · {name}": line for name, line in lines.items()}


def run_commands(workspace: Workspace, drawn: Drawn, only: Callable[[str], bool] = lambda _: True) -> None:
    """Run the commands in this process and keep what they print."""
    output = workspace.root / "out"
    output.mkdir(exist_ok=True)
    (workspace.root / "picture.png").write_bytes((workspace.dataset(MADE) / "images/0.png").read_bytes())
    for name, line in commands(output).items():
        if not only(name):
            continue
        out, err = io.StringIO(), io.StringIO()
        with prepared(workspace), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = cli.main(line)
            except SystemExit as error:
                code = f"exit {error.code}"
        text = (out.getvalue() + err.getvalue()).replace(str(workspace.root), "WORKSPACE")
        if "Traceback" in text or code not in (0, 2):
            drawn.tracebacks[name] = text
        drawn.sentences[name] = [f"{code}", _RUN.sub("RUN", text)]
        if name.endswith("report"):  # it is given away without what was printed
            report = output / "report.html"
            drawn.sentences[f"{name} · the file"] = [_MADE.sub("", report.read_text()) if report.exists() else text]
        drawn.sentences[name] += _written(output)


def _written(folder: Path) -> list[str]:
    """Return the names and content of the files that a command wrote, and remove them."""
    written = []
    for path in sorted(folder.rglob("*.*")):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as file:
                written += [f"{one.filename} {one.CRC}" for one in file.infolist()]
        elif path.suffix == ".csv":
            written.append(path.read_text())
    shutil.rmtree(folder)
    folder.mkdir()
    return written


#: When a report was made.
_MADE = re.compile(r"Made [^.]* by Manyhot")
#: The id of a run that a command started, which differs from time to time.
_RUN = re.compile(r"\b20(?!260102)\d{6}-\d{6}-[0-9a-f]{4}")


def addresses() -> dict[str, str]:
    """Return the routes that read a data set or a run."""
    return {
        "route · picture": f"/api/datasets/{MADE}/items/1",
        "route · thumbnail": f"/api/datasets/{MADE}/items/1?size=64",
        "route · matrix": f"/api/datasets/{MADE}/matrix?from=0&to=5",
        "route · matrix.csv": f"/api/datasets/{MADE}/matrix.csv",
        "route · sweep": f"/api/runs/{VICTIM}/sweep/valid",
        "route · bands": f"/api/runs/{VICTIM}/bands/valid",
        "route · the other's sweep": f"/api/runs/{OTHER}/sweep/valid",
    }


def ask_routes(workspace: Workspace, drawn: Drawn) -> None:
    """Ask the routes, as a browser does."""
    with prepared(workspace):
        client = TestClient(Starlette(routes=routes()), raise_server_exceptions=True)
        for name, address in {**addresses(), "route · export": f"/api/datasets/{MADE}/export/{_FORM}.zip"}.items():
            try:
                answer = client.get(address)
            except Exception:
                drawn.tracebacks[name] = traceback.format_exc()
                continue
            if answer.status_code >= 500:
                drawn.tracebacks[name] = f"{answer.status_code} {answer.text[:400]}"
            body = answer.text if answer.status_code >= 400 else f"{hash(answer.content)}"
            drawn.sentences[name] = [f"{answer.status_code}", body.replace(str(workspace.root), "WORKSPACE")]


def everything(workspace: Workspace, *, with_model: bool = True) -> Drawn:
    """Return what all views of ``workspace`` say; commands that change it come last.

    Without the model the command that asks it is left out: torch takes seconds to load.
    """
    drawn = Drawn()
    pages(workspace, drawn)
    pages(workspace, drawn, run=OTHER, only=("train", "analyze", "predict"))
    pages(workspace, drawn, run=QUICK_VICTIM, only=("train", "analyze"))
    pages(workspace, drawn, run=QUICK_OTHER, only=("train", "analyze"))
    ask_routes(workspace, drawn)
    run_commands(workspace, drawn, only=lambda name: with_model or "predict" not in name)
    return drawn
