"""Fixtures of other suites that attacks on pages in a browser need as well."""

from tests.browser.conftest import named_in as named_in
from tests.browser.conftest import profile as profile
from tests.browser.conftest import server as server
from tests.browser.conftest import shared_server as shared_server
from tests.pages.conftest import write_run as write_run
