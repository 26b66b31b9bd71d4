"""What all tests share."""

import pytest

from fastnn import first_layer


@pytest.fixture(autouse=True)
def few_nonzeros_are_worth_it(request, monkeypatch):
    """Take rows by their non-zeros wherever these are few, as large layers do.

    For networks as small as those of most tests it would never be worth it, and the tests with
    sparse rows would not reach the kernels for them. Tests marked `real_choice` get the way that
    users get.
    """
    if request.node.get_closest_marker("real_choice"):
        return

    def way(ways, density, *_):
        return ways[-1] if density < 0.35 else first_layer.DENSE

    monkeypatch.setattr(first_layer, "fastest", way)
