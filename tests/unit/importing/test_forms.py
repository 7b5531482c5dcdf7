"""The README and the import page list the formats that the readers read, as the readers state them."""

from __future__ import annotations

from pathlib import Path

from lib.importing import formats, forms
from lib.web.ui.data import import_form

README = Path(__file__).resolve().parents[3] / "README.md"


def test_readme_and_page_show_the_readers_table():
    """Every reader is a line of the table, and the table is in README and on the page.

    After a reader was added or changed: ``python -c "from lib.importing import forms; print(forms.table())"``.
    """
    table = forms.table()
    for reader in (*formats.SIGNED, *formats.PLAIN):
        assert f"| {reader.NAME} | {reader.EXPECTED} |" in table
    assert table.count("\n") == len(formats.SIGNED) + len(formats.PLAIN) + 1
    assert table in README.read_text(encoding="utf-8"), f"README's table of forms should be\n{table}"
    assert table in import_form._FORMATS
