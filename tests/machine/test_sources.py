"""The digest of the kernel sources."""

from fastnn.machine.sources import sources_digest


def test_it_names_content_and_place(tmp_path):
    kernels = tmp_path / "kernels"
    kernels.mkdir()
    (kernels / "a.py").write_text("1")
    digests = {sources_digest(tmp_path)}
    (kernels / "a.py").write_text("2")
    digests.add(sources_digest(tmp_path))
    (kernels / "a.py").rename(kernels / "b.py")
    digests.add(sources_digest(tmp_path))
    (kernels / "sub").mkdir()
    (kernels / "sub" / "c.py").write_text("3")
    digests.add(sources_digest(tmp_path))
    (tmp_path / "layout").mkdir()
    (tmp_path / "layout" / "d.py").write_text("4")
    digests.add(sources_digest(tmp_path))
    assert len(digests) == 5
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "e.py").write_text("5")
    assert sources_digest(tmp_path) in digests
