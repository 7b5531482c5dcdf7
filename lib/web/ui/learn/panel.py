"""What a panel of the Learn page is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lib.core.dataset import Dataset
from lib.core.workspace import Workspace


@dataclass(frozen=True)
class Context:
    """What a panel is about.

    Attributes
    ----------
    workspace : Workspace
    dataset : Dataset or None
        The one that the page shows, of whatever task; None where there is none.
    """

    workspace: Workspace
    dataset: Dataset | None


@dataclass(frozen=True)
class Question:
    """Something that a reader can answer after a panel.

    Attributes
    ----------
    text : str
    choices : sequence of str
    answer : int
        Which of ``choices`` is right.
    why : str
        What is said once it was chosen.
    """

    text: str
    choices: Sequence[str]
    answer: int
    why: str


@dataclass(frozen=True)
class Panel:
    """One panel; its figure is the module ``NAME.js``, with ``_`` for ``-``, in ``lib/web/components/learn``.

    Attributes
    ----------
    name : str
        As the address and the figure's script know it.
    title : str
    lead : str
        What to do with the figure, in one sentence.
    questions : sequence of Question
        A panel is done once all of them were answered right.
    code : str
        Some ten lines of Python that do what the panel shows; tests run them.
    content : callable
        From the context what the figure is sent, as JSON can hold it.
    act : callable, optional
        Does what the figure asks for: gets the context and what the browser sent, which is not to be trusted.
    is_busy : callable, optional
        From the context whether the figure's content changes by itself, so that it is to be sent again and again.
    about : str, optional
        What the figure alone does not tell, in a few sentences below it.
    below : callable, optional
        Shows what of Streamlit stands below the figure, such as links to other pages.
    """

    name: str
    title: str
    lead: str
    questions: Sequence[Question]
    code: str
    content: Callable[[Context], dict[str, Any]]
    act: Callable[[Context, Any], None] | None = None
    is_busy: Callable[[Context], bool] = lambda context: False
    below: Callable[[Context], None] = lambda context: None
    about: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return what the browser is told of the panel itself."""
        questions = [asdict(one) for one in self.questions]
        return {
            "name": self.name,
            "title": self.title,
            "lead": self.lead,
            "about": self.about,
            "questions": questions,
        }
