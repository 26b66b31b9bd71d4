"""`pytest bench` times calls with pytest-benchmark."""


def pytest_xdist_auto_num_workers():
    """This process alone: nothing else runs while something is measured."""
    return 0
