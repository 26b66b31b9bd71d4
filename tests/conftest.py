"""What all tests share."""

import pytest

from fastnn import first_layer


@pytest.fixture(autouse=True)
def few_nonzeros_are_worth_it(monkeypatch):
    """Take rows by their non-zeros wherever these are few, as large layers do.

    For networks as small as those of most tests it would never be worth it, and the tests with
    sparse rows would not reach the kernels for them.
    """

    def way(density, *_, scalable):
        if density >= 0.35:
            return first_layer.DENSE
        return first_layer.SCALED if scalable else first_layer.SORTED

    monkeypatch.setattr(first_layer, "fastest", way)
