"""The digest of the kernel sources."""

from fastnn.machine.sources import sources_digest


def test_it_names_content_and_place(tmp_path):
    digests = []

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        digests.append(sources_digest(tmp_path))

    write("kernels/a.py", "1")
    write("layout/d.py", "1")
    write("native/keys.py", "1")
    assert digests == [""] * 3  # one of the sources is missing
    digests.clear()
    write("machine/registers.py", "1")
    write("kernels/a.py", "2")
    (tmp_path / "kernels/a.py").rename(tmp_path / "kernels/b.py")
    write("kernels/other.py", "")
    write("kernels/sub/c.py", "3")
    write("layout/d.py", "4")
    write("machine/registers.py", "5")
    assert "" not in digests
    assert len(set(digests)) == len(digests) == 6
    write("engine/e.py", "6")
    write("machine/choice.py", "7")
    write("kernels/.#c.py", "an editor's")
    assert digests[-3:] == [digests[5]] * 3
