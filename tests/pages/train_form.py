"""The Train page's form, filled in and sent."""

from __future__ import annotations

from lib.core.config import BOOK
from tests.pages.conftest import checked


def choose(app, **values):
    """Set choices by the names of their fields."""
    unfolded(app)
    for name, value in values.items():
        widget = next(w for w in [*app.number_input, *app.selectbox, *app.toggle] if str(w.key).startswith(f"{name}-"))
        widget.set_value(value).run()
    return app


def unfolded(app):
    """Unfold the form, which is one line at first, unless it is."""
    change = [button for button in app.button if button.label == "Change"]
    return checked(change[0].click().run()) if change else app


def by_the_book(app):
    """Choose the book's recipe."""
    return checked(next(group for group in unfolded(app).button_group if group.label == "Recipe").set_value(BOOK).run())


def click_train(app):
    """Click Train."""
    return checked(next(button for button in app.button if button.label == "Train").click().run())
