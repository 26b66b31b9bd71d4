"""The list of planted mistakes keeps up with the code that they are planted in."""

from pathlib import Path

import pytest
from mistakes import MISTAKES

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.file)
def test_a_mistake_can_be_planted(mistake):
    assert (ROOT / mistake.file).read_text().count(mistake.old) == 1
    assert mistake.new != mistake.old
    for tests in mistake.tests.split():
        assert (ROOT / tests.split("::")[0]).exists()
