import pytest
from browser import browser, page

__all__ = ["browser", "page"]  # fixtures

pytest.importorskip("matplotlib")
