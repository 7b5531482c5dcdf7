"""Choice: the one declaration of a training choice, from which bounds, form, command line and record are derived."""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from types import NoneType
from typing import Any, TypeVar

_KEY = "choice"
T = TypeVar("T")

# --- sections of the form, in their order; the first two are in sight, the others folded away -----------------
NETWORK, FITS = "network", "fits"
PLAIN, OVERFITTING, RARE, SPEED, ALSO = (
    "",
    "Against overfitting",
    "Rare and hard labels",
    "Speed",
    "And also",
)
FOLDED = (PLAIN, OVERFITTING, RARE, SPEED, ALSO)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One choice of a training, declared at its field of `lib.core.config.TrainConfig`.

    Attributes
    ----------
    name : str
        The field's name.
    kind : type
        ``bool``, ``int``, ``float`` or ``str``.
    optional : bool
        Whether it may be None as well.
    title : str
        What the form calls it, with its unit.
    help : str
        What it does and what it costs.
    section : str
        Where the form has it: in `NETWORK` is what the usual values of the others depend on, in `FITS` what depends
        on the head too.
    usual : Any
        The value for a pretrained network by the book's recipe, unless there are too few images for it. Where a field
        with a default declares none it is that default: what a run that lacks the field did.
    scratch : Any
        The value for a network that has learned nothing yet; None where it is the usual one.
    scratch_heads : Mapping of str to Any
        The same for single heads.
    low, high : float
        The numbers it may be.
    step : float or None
        What the form's buttons add; None is 1, or a tenth of the usual value for a ``float``.
    options : Mapping of str to str
        What it may be, and what each is called; empty where anything else.
    metavar : str
        What the command line calls its value.
    off_help : str
        What the command line says of ``--no-NAME``, where the choice is usually on.
    form_help : str
        What the form adds to ``help``.
    placeholder : str
        An example of a text.
    slider : bool
        Whether the form has a slider for it.
    task : str
        The attribute of `lib.tasks.base.Task` which says that the choice is for it, or, with ``options``, which of
        them; empty where it is for all.
    needs : str
        Another choice, declared before this one, that must be on for the form to have this one.
    varies : bool
        Whether a recipe decides it by the data, or once did: the command line then has ``--name`` and ``--no-name``,
        and a command that makes a run again spells it out.
    """

    name: str = ""
    kind: type = NoneType
    optional: bool = False
    title: str
    help: str
    section: str
    usual: Any = None
    scratch: Any = None
    scratch_heads: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    low: float = -math.inf
    high: float = math.inf
    step: float | None = None
    options: Mapping[str, str] = dataclasses.field(default_factory=dict)
    metavar: str = ""
    off_help: str = ""
    form_help: str = ""
    placeholder: str = ""
    slider: bool = False
    task: str = ""
    needs: str = ""
    varies: bool = False

    @property
    def flag(self) -> str:
        """What turns it from its usual value on the command line.

        Examples
        --------
        >>> Choice(name="lr_mult", kind=float, title="", help="", section="").flag
        '--lr-mult'
        >>> Choice(name="augment", kind=bool, title="", help="", section="", usual=True).flag
        '--no-augment'
        """
        words = self.name.replace("_", "-")
        return f"--no-{words}" if self.kind is bool and self.usual else f"--{words}"

    def default(self, *, pretrained: bool, head: str | None) -> Any:
        """Return the value for such a network."""
        if pretrained:
            return self.usual
        from_scratch = self.usual if self.scratch is None else self.scratch
        return from_scratch if head is None else self.scratch_heads.get(head, from_scratch)

    def check(self, value: Any, what: str = "") -> None:
        """Look whether ``value``, which is of the choice's type and called ``what``, can be chosen.

        Raises
        ------
        ValueError
            If it cannot: where, expected, found.

        Examples
        --------
        >>> Choice(name="bs", kind=int, title="", help="", section="", low=2, high=64).check(1)
        Traceback (most recent call last):
        ...
        ValueError: bs: expected 2 to 64, found 1
        """
        what = what or self.name
        if isinstance(value, (int, float)) and not self.low <= value <= self.high:
            raise ValueError(f"{what}: expected {self.low:g} to {self.high:.10g}, found {str(value)[:40]}")
        if self.options and value not in self.options:
            raise ValueError(f"{what}: expected one of {', '.join(self.options)}, found {str(value)[:40]!r}")

    def known(self, task: object) -> tuple[str, ...]:
        """Return which of ``options`` a task knows."""
        return tuple(getattr(task, self.task)) if self.task else tuple(self.options)

    def is_for(self, task: object, chosen: Mapping[str, Any]) -> bool:
        """Return whether there is something to choose for a task, given what is chosen already."""
        if self.needs and not chosen[self.needs]:
            return False
        if self.options:
            return len(self.known(task)) > 1
        return not (self.task and not getattr(task, self.task))

    def words(self, value: Any) -> list[str]:
        """Return what to type for ``value``.

        Examples
        --------
        >>> Choice(name="wd", kind=float, title="", help="", section="").words(1e-05)
        ['--wd', '1e-05']
        >>> Choice(name="focal", kind=bool, title="", help="", section="", usual=False).words(False)
        []
        >>> Choice(name="flip", kind=bool, title="", help="", section="", usual=False, varies=True).words(False)
        ['--no-flip']
        """
        if value is None:
            return []
        if self.kind is bool:
            if self.varies:
                return [self.flag if value else f"--no{self.flag[1:]}"]
            return [] if value == self.usual else [self.flag]
        return [self.flag, repr(value) if isinstance(value, float) else str(value)]


def choice(*, default: Any = MISSING, **facts: Any) -> Any:
    """Return a field that is a choice; its name and type are taken from the class."""
    return dataclasses.field(default=default, metadata={_KEY: Choice(**facts)})


@typing.dataclass_transform(frozen_default=True, field_specifiers=(choice,))
def with_choices(config: type[T]) -> type[T]:
    """Make a frozen dataclass of a class whose fields may be a `choice`."""
    return dataclass(frozen=True)(config)


def declared(config: type) -> dict[str, Choice]:
    """Return every choice of the dataclass ``config`` by name, in the order of its fields."""
    types = typing.get_type_hints(config)
    choices = {}
    for field in dataclasses.fields(config):
        if _KEY not in field.metadata:
            continue
        kinds = typing.get_args(types[field.name]) or (types[field.name],)
        one = field.metadata[_KEY]
        facts = {"name": field.name, "kind": kinds[0], "optional": NoneType in kinds}
        if field.default is not MISSING and one.usual is None:
            facts["usual"] = field.default
        choices[field.name] = dataclasses.replace(one, **facts)
    return choices
