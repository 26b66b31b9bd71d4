import pytest
from browser import browser

__all__ = ["browser", "page"]  # fixtures


@pytest.fixture(scope="session")
def tab(browser):
    with browser.page() as opened:
        yield opened


@pytest.fixture
def page(tab):
    """One tab for all tests, for to open another takes half a second."""
    tab.resize(1024, 768)
    tab.look()
    tab.forget()
    return tab
