"""Every page opens on its picture: above the fold, whatever the task, and one key away by the skip link."""

from __future__ import annotations

import pytest

from benchmarks import page_content
from lib import tasks
from lib.datasets.edits import edits
from tests.conftest import KINDS
from tests.pages.conftest import write_run  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

#: Where the first picture begins at most, in px from the top of a page of 1440 x 900.
LOWEST = {"": 260, "train": 420, "analyze": 420}
#: And of the Data page, edited and filtered, at 420 x 900.
LOWEST_NARROW = 340


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_picture_is_above_the_fold(page, server, make_dataset, write_run, kind):  # noqa: F811
    """Data shows its first image, Train and Analyze their charts, without scrolling; the first Tab leads there."""
    dataset = make_dataset(kind)
    write_run(dataset, previews=True)
    page_content.watch(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    for path, lowest in LOWEST.items():
        page_content.ms_to_content(page, f"{server.url}/{path}?dataset=made")
        page_content.still(page)
        assert 0 < page_content.picture_top(page) <= lowest, path
        assert page_content.stops_by_skip_link(page) == 1, path
    edits.exclude(dataset, [0], note="Excluded: the first")  # Undo and Redo are there
    has = f"&has={dataset.names[0]}" if tasks.get(kind).has_labels else ""
    page.set_viewport_size({"width": 420, "height": 900})
    page_content.ms_to_content(page, f"{server.url}/?dataset=made&split=train&order=By+file+name{has}")
    for width, lowest in ((420, LOWEST_NARROW), (1440, LOWEST[""])):
        page.set_viewport_size({"width": width, "height": 900})
        page_content.still(page)
        assert 0 < page_content.picture_top(page) <= lowest, width
