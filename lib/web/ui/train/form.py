"""The form of the Train page: the recipe, what it chose and why, and every choice; or folded, what all of them are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import streamlit as st

from lib.core.choices import FITS, FOLDED, Choice
from lib.core.config import CHOICES, RECOMMENDED, TrainConfig
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.tasks.base import Task
from lib.training import architectures, launch, options
from lib.web.ui import guard
from lib.web.ui.train import at_hand, reasons, weights, widgets

#: With fewer training images than this a large network from scratch learns little: a resnet18 on 250 faces
#: lost to the mean shape.
_FEW = 5000
#: Further choices whose usual value depends on the head.
_FOLLOW_HEAD = ("lr_mult",)
#: On what everything else that a recipe chooses depends, in order.
_NETWORK = ("arch", "pretrained", "head")
#: Where a session keeps what was chosen before all went back to the recipe's, and what it went back to.
_BEFORE = "form-before"
#: Where a session keeps whether the further choices were open when it began.
_OPEN = "form-open"
#: Columns of the form, the last one for the number of seeds, and of the further choices.
_COLUMNS, _MORE_COLUMNS = 6, 3


def kept(dataset: Dataset, task: Task) -> TrainConfig:
    """Return the configuration that the choices make, as each was left, without showing them."""
    return _read(dataset, task, drawn=False)


def show(dataset: Dataset, task: Task, *, beside: Callable[[], None]) -> None:
    """Show the choices, to be changed; ``beside`` draws what is done with them, next to the network."""
    with st.container(border=True, key="choices"):
        about = st.empty()  # the choices below change the loss
        config = _read(dataset, task, drawn=True, beside=beside)
        loss = task.loss_words(config, dataset.targs[dataset.included])
        about.caption(f"{task.question} Loss: {loss}; output: {task.output_words(config)}.")
        reasons.show(config, dataset)


def follow(config: TrainConfig, task: Task) -> None:
    """Show, where the choices are folded, how far uploads of weights are, and whether the chosen file fits."""
    values = config.to_json()
    if CHOICES["weights"].is_for(task, values):
        workspace, key = Workspace.find(), _key("weights", config.dataset, values)
        weights.take_upload(workspace, config.arch, key, quiet=True)
        weights.about(workspace, config.arch, config.weights)
    else:
        weights.follow(Workspace.find())


def arch_key(config: TrainConfig) -> str:
    """Return the key of the widget in which the network is chosen."""
    return _key("arch", config.dataset, {"recipe": config.recipe})


def _read(dataset: Dataset, task: Task, *, drawn: bool, beside: Callable[[], None] | None = None) -> TrainConfig:
    """Show the choices, or take each as it was left, and return the configuration that they make."""
    first, fits = (
        st.columns(count, vertical_alignment="bottom") if drawn else [nullcontext()] * count for count in (4, _COLUMNS)
    )
    chosen: dict[str, Any] = {}
    with first[0]:
        chosen["recipe"] = _recipe(dataset, drawn)
    chosen |= _network(dataset, chosen["recipe"], first[1:], drawn)
    if beside:
        with first[3]:
            beside()
    if drawn and not CHOICES["weights"].is_for(task, chosen):
        weights.follow(Workspace.find())
    more = st.expander("More choices", expanded=_is_open_at_first()) if drawn else nullcontext()
    with more:
        # First, because the usual numbers depend on it.
        chosen["head"] = _head(dataset, task, chosen, drawn)
    usual = options.defaults(dataset, **chosen)
    if drawn:
        with fits[-1]:
            _seeds(dataset.name)
    for at, choice in enumerate(_section(FITS)):
        with fits[at]:
            key = _key(choice.name, dataset.name, chosen)
            chosen[choice.name] = _widget(drawn)(choice, usual[choice.name], key)
    with more:
        for section in FOLDED:
            chosen |= _folded(section, usual, chosen, dataset, task, drawn)
    return options.configure(dataset, chosen)


def _seeds(dataset: str) -> None:
    """Let the number of runs be chosen that differ in their seed alone."""
    st.number_input(
        "Seeds",
        1,
        launch.MOST_SEEDS,
        key=_seeds_key(dataset),
        persist_state="session",
        help="Train so often, each time with the next seed, one run after the other: the Runs page shows them as one "
        "entry with mean and spread, so that luck is not taken for progress.",
    )


def seeds(dataset: str) -> int:
    """Return how many seeds are chosen for ``dataset``."""
    return int(st.session_state.get(_seeds_key(dataset), 1))


def _seeds_key(dataset: str) -> str:
    return f"seeds-{dataset}"


def _widget(drawn: bool) -> Callable[..., Any]:
    return widgets.show if drawn else widgets.kept


def _is_open_at_first() -> bool:
    """Return whether a visit begins with all choices in sight: an upload from before a reload is followed there."""
    return st.session_state.setdefault(_OPEN, weights.is_awaited())


def changed(config: TrainConfig, dataset: Dataset) -> dict[str, Any]:
    """Return what the recipe has where ``config`` has something else, by the name of the choice.

    The recipe's network, its weights and its head decide what else it has; where one of them is another, the rest is
    compared with what the recipe has for that one.
    """
    values, first = config.to_json(), {}
    chosen: dict[str, Any] = {"recipe": config.recipe}
    for name in _NETWORK:
        first[name] = options.defaults(dataset, **chosen)[name]
        chosen[name] = values[name]
    recipes_own = options.defaults(dataset, **chosen) | first
    return {name: recipes_own[name] for name in CHOICES if values[name] != recipes_own[name]}


def back(config: TrainConfig, dataset: Dataset) -> None:
    """Take every choice back to the recipe's, of the network that was chosen too; `again` undoes it."""
    recipes_own = options.configure(dataset, {"recipe": config.recipe})
    take(options.configure(dataset, {name: getattr(config, name) for name in ("recipe", *_NETWORK)}))
    take(recipes_own)
    st.session_state[_BEFORE] = (config, recipes_own)


def again(config: TrainConfig) -> Callable[[], None] | None:
    """Return what takes back `back`, None where something else was chosen since."""
    before, after = st.session_state.get(_BEFORE, (None, None))
    return (lambda: take(before)) if before is not None and after == config else None


def take(config: TrainConfig) -> None:
    """Put all choices of ``config`` into the form from the next run of the page on."""
    values = config.to_json()
    for name in CHOICES:
        st.session_state[_key(name, config.dataset, values)] = "" if values[name] is None else values[name]


def choose_arch(dataset: str, arch: str) -> None:
    """Choose ``arch`` for the training of ``dataset`` from the next run of the page on."""
    recipe = st.session_state.get(_key("recipe", dataset, {}), RECOMMENDED)
    st.session_state[_key("arch", dataset, {"recipe": recipe})] = arch


def _recipe(dataset: Dataset, drawn: bool) -> str:
    """Let the recipe be chosen, on which the usual values of all others depend."""
    choice, key = CHOICES["recipe"], _key("recipe", dataset.name, {})
    if not drawn:
        return widgets.kept(choice, RECOMMENDED, key, known=list(choice.options))
    return st.segmented_control(
        choice.title,
        list(choice.options),
        default=RECOMMENDED,
        required=True,
        format_func=guard.letters(choice.options.__getitem__),
        key=key,
        help=choice.help,
        persist_state="session",
        width="stretch",
    )


def _network(
    dataset: Dataset, recipe: str, columns: Sequence[AbstractContextManager[Any]], drawn: bool
) -> dict[str, Any]:
    """Let the network be chosen, and whether it is pretrained."""
    own = options.defaults(dataset, recipe=recipe)
    key = _key("arch", dataset.name, {"recipe": recipe})
    usual = at_hand.usual(own["arch"], key) if own["pretrained"] else own["arch"]
    names = architectures.names()
    with columns[0]:
        arch = (
            st.selectbox(
                CHOICES["arch"].title,
                names,
                index=names.index(usual),
                format_func=architectures.title,
                key=key,
                help=CHOICES["arch"].help,
                accept_new_options=True,
                persist_state="session",
            )
            if drawn
            else st.session_state.get(key, usual)
        )
    has_weights = arch != architectures.SMALL
    choice = CHOICES["pretrained"]
    usual = has_weights and own["pretrained"]
    key = _key("pretrained", dataset.name, {"recipe": recipe, "arch": arch})
    if not drawn:
        return {"arch": arch, "pretrained": widgets.kept(choice, usual, key)}
    with columns[1]:
        pretrained = st.toggle(
            choice.title,
            value=usual,
            key=key,
            help=choice.help if has_weights else "The small network has no pretrained weights.",
            disabled=not has_weights,
            persist_state="session",
        )
        if has_weights and not pretrained and len(dataset.index("train")) < _FEW:
            st.caption("With few images, **small** usually beats a large network trained from scratch.")
    return {"arch": arch, "pretrained": pretrained}


def _key(name: str, dataset: str, chosen: Mapping[str, Any]) -> str:
    """Return the key of a choice's widget.

    It changes with what the usual value depends on: a widget keeps its value as long as its key.

    Parameters
    ----------
    name : str
        Of the choice.
    dataset : str
    chosen : Mapping of str to Any
        What is chosen already, as far as the usual value depends on it: recipe, architecture, pretrained, head.
    """
    scope = [name, dataset]
    if name not in ("recipe", "weights"):  # a file that was uploaded is not uploaded again for another recipe
        scope.append(chosen["recipe"])
    has_weights = chosen.get("arch") != architectures.SMALL
    if name == "pretrained":
        scope.append(str(has_weights))
    elif name not in ("recipe", "arch"):
        scope += ["large" if has_weights else "small", str(chosen["pretrained"])]
    if CHOICES[name].section == FITS or CHOICES[name].varies or name in _FOLLOW_HEAD:
        scope.append(chosen["head"])
    return "-".join(scope)


def _head(dataset: Dataset, task: Task, chosen: Mapping[str, Any], drawn: bool) -> str:
    """Let the head be chosen where the task has several."""
    choice, known = CHOICES["head"], CHOICES["head"].known(task)
    usual = options.defaults(dataset, **chosen)["head"]
    key = _key("head", dataset.name, chosen)
    return _widget(drawn)(choice, usual, key, known=known) if len(known) > 1 else known[0]


def _folded(
    section: str, usual: Mapping[str, Any], chosen: Mapping[str, Any], dataset: Dataset, task: Task, drawn: bool
) -> dict[str, Any]:
    """Show the choices of a section under its title where they are to be shown, and return what is chosen."""
    offered = [choice for choice in _section(section) if choice.is_for(task, chosen)]
    if offered and section and drawn:
        st.markdown(f"**{section}**")
    columns = st.columns(_MORE_COLUMNS) if offered and drawn else [nullcontext()]
    values: dict[str, Any] = {}
    for at, choice in enumerate(sorted(offered, key=widgets.rank)):
        can = task.can_flip(dataset) if choice.name == "flip" else True
        key = _key(choice.name, dataset.name, chosen)
        is_file = choice.name == "weights"
        if is_file and drawn:
            weights.take_upload(Workspace.find(), chosen["arch"], key)
        with nullcontext() if is_file else columns[at % len(columns)]:
            value = _widget(drawn)(
                choice,
                usual[choice.name],
                key,
                known=choice.known(task) if choice.options else (),
                extra_help=guard.escape(task.flip_words(dataset)) if choice.name == "flip" else "",
                disabled=not can,
            )
        values[choice.name] = value if can else False
        if is_file and drawn:
            weights.about(Workspace.find(), chosen["arch"], options.weights_path(value) if value else value)
    return values


def _section(section: str) -> list[Choice]:
    return [choice for choice in CHOICES.values() if choice.section == section]
