"""Folders of a workspace that are asked something, and questions with files of their own: imports, weights, exports."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar, cast

from lib.core import files, inside, json_files
from lib.core.errors import UserError, reason
from lib.core.questions import asking
from lib.core.questions.requests import FOLDER, QUESTION, Question, State
from lib.core.workspace import Workspace

C = TypeVar("C")


@dataclass(frozen=True)
class WorkspaceFolder:
    """A `lib.core.questions.requests.Place` that is no run and no dataset.

    Attributes
    ----------
    folder : pathlib.Path
        In the workspace.
    name : str
        What it is called there.
    """

    folder: Path
    name: ClassVar[str]

    @classmethod
    def of(cls, workspace: Workspace) -> Self:
        """Return that of ``workspace``."""
        return cls(workspace.root / cls.name)

    @property
    def id(self) -> str:
        """What it is called."""
        return self.name

    @property
    def workspace(self) -> Workspace:
        """The workspace it is in."""
        return Workspace(self.folder.parent)

    def make(self) -> None:
        """Make it where it is missing; raises UserError if it cannot be."""
        files.make_parents(self.folder)

    @contextlib.contextmanager
    def written_to(self) -> Iterator[None]:
        """Make it where it is missing, for a block that writes to it.

        Raises
        ------
        UserError
            If the workspace cannot be written to.
        """
        self.make()
        try:
            yield
        except OSError as error:
            raise UserError(
                f"The folder {self.folder} cannot be written to ({reason(error)}): allow writing there."
            ) from error


@dataclass(frozen=True)
class FileQuestion(Question, Generic[C]):
    """A question with files of its own, below it in ``folder``: what was uploaded for it, what is made."""

    #: What a question of the class is on disk, the type ``C``.
    form: ClassVar[type]

    place: WorkspaceFolder

    @property
    def content(self) -> C | None:
        """What was asked; None if the question was withdrawn or is damaged."""
        return cast("C | None", json_files.read_or_none(self.path(QUESTION), self.form))

    def own_file(self, name: str) -> Path:
        """Return a file in ``folder``, of whose ``name`` the last part counts, "none" where there is none.

        Raises
        ------
        UserError
            If it leads out of the place's folder.
        """
        return inside.path(self.place.folder, f"{FOLDER}/{self.id}/{Path(name).name or 'none'}")

    def ask_with(self, content: Mapping[str, Any], upload: Path | None) -> None:
        """Ask it, with ``upload`` moved into ``folder``; an upload that cannot be asked about is where it was again.

        Raises
        ------
        UserError
            If the workspace cannot be written to.
        """

        def keep(into: Path) -> None:
            into.mkdir(exist_ok=True)
            if upload is not None:
                upload.replace(into / upload.name)

        try:
            asking.ask(self, dict(content), keep=keep)
        except UserError:
            if upload is not None and (own := self.folder / upload.name).exists():
                own.replace(upload)
            raise

    def state(self) -> State:
        """Return how it stands; it waits for another one only where another one is worked on."""
        state = super().state()
        return replace(state, message=self.loads) if state.message == self.waits and self.is_first else state

    def remove_file(self) -> None:
        """Remove its files."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def dismiss(self) -> None:
        """Forget the question and all about it, its files as well; work on it ends."""
        self.cancel()
        self.forget()
        self.remove_file()
