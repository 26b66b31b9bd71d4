"""The two questions: their scripts show what the page says, with its figures."""

import re

import pytest

from bench import pages
from bench.book import l1_to_chance, loss_blows_up

FEW = ["--rows", "3000", "--epochs", "2", "--print-only"]


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_loss_blows_up_while_the_network_learns(capsys):
    loss_blows_up.main(FEW)
    lines = capsys.readouterr().out.splitlines()
    before, *_, after = (
        [float(c.strip("%").replace(",", "")) for c in cells(line)] for line in lines[2:5]
    )
    assert after[1] > before[1] + 50  # accuracy in %
    assert after[2] > 1.1 * before[2]  # the loss as watched
    assert after[3] < before[3] / 2  # its data cost
    assert after[5] < 0.1 * after[2]  # the penalty that it was trained with


def test_l1_divided_by_m_falls_to_chance(capsys):
    l1_to_chance.main(FEW)
    text = capsys.readouterr().out
    rows = {cells(line)[0]: cells(line)[-1] for line in text.splitlines()[2:5]}
    accuracy = {name: float(cell.strip("%")) for name, cell in rows.items()}
    assert accuracy["L1, divided by m"] < 25
    assert accuracy["L1, divided by n"] > 60
    assert accuracy["L2, the book's"] > 60
    assert "0.5 * 5 / 10      0.25, the usual mistake" in text
    assert "RegularizationError: l1: " in text
    assert "l1=5 if it was scaled by n / m" in text


@pytest.mark.parametrize("name", ["loss_blows_up", "l1_to_chance"])
def test_the_page_has_block_and_picture(name):
    block, folder = pages.read(name), (pages.ROOT / pages.PAGES[name]).parent
    picture = re.search(r"!\[.*\]\((.*)\)", block)[1]
    assert (folder / picture).read_bytes().startswith(b"\x89PNG")
    assert "0.25, the usual mistake" in block or "100) ·" in block
