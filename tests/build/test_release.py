"""The workflow that makes wheels knows all systems."""

from pathlib import Path

import pytest

from fastnn.build.systems import SYSTEMS

WORKFLOW = Path(__file__).parents[2] / ".github" / "workflows" / "release.yml"


@pytest.mark.skipif(not WORKFLOW.exists(), reason="not a checkout")
@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_each_system_gets_a_wheel_and_a_test(system):
    text = WORKFLOW.read_text()
    assert f"{{ system: {system.name}, tag: {system.wheel_tag} }}" in text
    assert f"{{ system: {system.name}, runner: " in text
