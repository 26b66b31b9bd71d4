"""The list of planted mistakes keeps up with the code that they are planted in."""

from pathlib import Path

from mistakes import MISTAKES

ROOT = Path(__file__).parent.parent


def test_each_mistake_can_be_planted():
    assert len(MISTAKES) > 100
    cannot = [
        f"{mistake.file}: {mistake}"
        for mistake in MISTAKES
        if (ROOT / mistake.file).read_text().count(mistake.old) != 1
        or mistake.new == mistake.old
        or not (ROOT / mistake.tests).exists()
    ]
    assert not cannot
