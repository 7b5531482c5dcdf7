"""The form follows the recipe, says why, and goes back to it."""

from __future__ import annotations

import pytest

from lib import tasks
from lib.core.config import BOOK, CHOICES
from lib.training import options, recipe
from lib.web.ui.train import form
from tests.pages.conftest import checked, opened, texts
from tests.pages.train_form import unfolded


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_a_widget_is_another_where_its_usual_value_is(name, make_dataset):
    """Whoever changes recipe or head gets the usual values of these, not what stood there before."""
    dataset, task = make_dataset(name), tasks.get(name)
    seen: dict[str, object] = {}
    for one in CHOICES["recipe"].options:
        for arch in ("lite0", "small"):
            for head in task.heads:
                chosen = {"recipe": one, "arch": arch, "pretrained": arch != "small", "head": head}
                for choice, value in options.defaults(dataset, **chosen).items():
                    if choice not in chosen:
                        key = form._key(choice, dataset.name, chosen)
                        assert seen.setdefault(key, value) == value, (choice, chosen)
    assert len(seen) > len(CHOICES)


def test_the_recipe_says_why_and_what_was_changed(make_dataset):
    """Each rule has its line; a choice changed by hand is marked, with what the recipe has."""
    dataset = make_dataset("multi-label")
    app = unfolded(opened("train"))
    usual = options.configure(dataset, {})
    for reason in recipe.reasons(usual, dataset):
        assert reason.sentence in texts(app)
    assert "from the recipe's" not in texts(app)
    epochs = next(box for box in app.number_input if box.label == "Epochs")
    checked(epochs.set_value(usual.epochs + 1).run())
    line = f"1 choice differs from the recipe's: epochs {usual.epochs + 1} (recipe {usual.epochs})."
    assert line in texts(app).replace("*", "")
    group = next(group for group in app.button_group if group.label == "Recipe")
    checked(group.set_value(BOOK).run())
    assert recipe.reasons(options.configure(dataset, {"recipe": BOOK}), dataset)[0].sentence in texts(app)
    assert "from the recipe's" not in texts(app)


def test_all_choices_go_back_to_the_recipe_and_again(make_dataset):
    """One click takes back what was changed, the network with its own usual values too; another undoes just that."""
    make_dataset("multi-label")
    app = unfolded(opened("train"))

    def boxes() -> dict[str, object]:
        widgets = (*app.number_input, *app.selectbox, *app.toggle, *app.text_input, *app.slider)
        return {str(one.key): one.value for one in widgets if "-made" in str(one.key)}

    first = boxes()
    checked(next(one for one in app.selectbox if str(one.key).startswith("arch-")).set_value("small").run())
    checked(next(one for one in app.number_input if str(one.key).startswith("size-")).set_value(48).run())
    checked(next(one for one in app.toggle if str(one.key).startswith("augment-")).set_value(False).run())
    mine = boxes()
    text = texts(app).replace("*", "")
    assert "3 choices differ from the recipe's: architecture small (recipe lite0), image size (px) 48" in text
    checked(next(one for one in app.button if one.key == "recipe-back-made").click().run())
    assert boxes() == first
    assert "from the recipe's" not in texts(app)
    checked(next(one for one in app.button if one.key == "recipe-undo-made").click().run())
    assert boxes() == mine
    assert "3 choices differ" in texts(app)
