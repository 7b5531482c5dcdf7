"""What attacks need of other suites, and leave to them."""

from collections.abc import Iterator

import pytest
import streamlit as st

from tests.pages.conftest import _scanned_once as _scanned_once
from tests.pages.conftest import write_run as write_run


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """What pages keep of a dataset goes with it: here two may have one revision, and different targets."""
    yield
    st.cache_data.clear()
    st.cache_resource.clear()
