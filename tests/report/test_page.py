"""The page of networks of all kinds: what is in it, and what never is."""

import base64
import html.parser
import re

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from reported import ABOUT, HOSTILE, KINDS, LABELS, PICTURES, X, told

import fastnn
from fastnn.regularization.effect import figure
from fastnn.report.page import make_page, write_page
from fastnn.report.sections.confusion import confusion
from fastnn.report.sections.headline import headline
from fastnn.report.sections.mistakes import mistakes
from fastnn.report.sections.regularization import regularization
from fastnn.report.subject import measure, subject

ALWAYS = ["weights", "layers", "settings"]
SECTIONS = {
    "classes": ["training", "lambda", "confusion", "mistakes", "calibration"],
    "pictures": ["training", "lambda", "confusion", "mistakes", "calibration"],
    "many_classes": ["training", "lambda", "confusion", "mistakes", "calibration"],
    "single_output": ["training", "lambda", "confusion", "mistakes", "calibration"],
    "several_labels": ["training", "lambda", "labels", "mistakes", "calibration"],
    "regression": ["training", "lambda", "numbers"],
    "untrained": [],
    "deep": [],
}


class Read(html.parser.HTMLParser):
    """Tags that are closed where they should be, ids, alternative texts, and where links lead."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.ids, self.alts, self.texts = [], [], [], [], []
        self.addresses = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        assert len(given) == len(attributes), tag
        self.tags.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.alts += [given["alt"]] if tag == "img" else []
        self.addresses += [given[n] for n in ("href", "src") if n in given]
        assert not any(name.startswith("on") for name in given)
        if tag not in ("img", "meta", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.texts.append(data)


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_is_whole_and_asks_for_nothing(kind):
    _, page = told(kind)
    read = Read(page)
    sections = re.findall(r'<section id="([^"]*)"', page)
    assert sections == SECTIONS[kind] + ALWAYS
    assert len(read.ids) == len(set(read.ids))
    assert all(read.alts)
    assert len(read.alts) == read.tags.count("img") >= 1
    assert not {"script", "iframe", "object", "form", "base"} & set(read.tags)
    for address in read.addresses:
        assert address.startswith(("data:image/png;base64,", "data:,", "#"))
        assert not address.startswith("#") or address[1:] in read.ids
    assert not re.search(r"url\((?!#)|@import|https?://(?!www\.w3\.org/2000/svg)", page)
    policy = re.search('Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src &#x27;none&#x27;; style-src")
    assert [t for t in read.tags if re.fullmatch("h[1-6]", t)][:2] == ["h1", "h2"]
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert len(page) < 1_000_000


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_names_are_text(kind):
    _, page = told(kind)
    read = Read(page)
    assert HOSTILE in "".join(read.texts)
    assert "onerror" not in re.sub("&lt;.*?&gt;", "", page)
    assert page.count("<script") == 0


def text_of(part):
    """Of a part of a page, or of that of a kind."""
    return " ".join(Read(told(part)[1] if part in KINDS else part).texts)


def test_the_headline_is_what_evaluate_says():
    about, _ = told("classes")
    measured = about.net.evaluate(X, LABELS)
    text = text_of("classes")
    assert f"{measured.accuracy:.2%}" in text
    assert f"{round(measured.accuracy * 120)} of 120 right" in text
    assert f"{measured.data_cost:.4g}" in text
    assert f"{measured.penalty:.4g}" in text


def test_without_rows_it_is_what_training_measured():
    about, _ = told("classes")
    text = text_of(headline(subject(about.net, ABOUT)))
    assert f"{about.net.history.validation_accuracy[-1]:.2%}" in text
    assert "validation accuracy" in text
    assert confusion(subject(about.net, ABOUT)) is None


def test_the_confusion_matrix():
    about, page = told("classes")
    predicted = about.net.predict(X)
    matrix = re.search('<table class="matrix".*?</table>', page)[0]
    shown = [
        [cell or "0" for cell in re.findall(r"<td[^>]*>(\d*)</td>", row)]
        for row in re.findall("<tr>.*?</tr>", matrix)[1:]
    ]
    expected = [[str(((i == LABELS) & (predicted == j)).sum()) for j in range(3)] for i in range(3)]
    assert shown == expected
    for i in range(3):
        recall = (predicted[i == LABELS] == i).mean()
        assert f"{recall:.2%}" in page


def test_the_worst_mistakes_are_pictures_of_their_rows():
    image = pytest.importorskip("PIL.Image")
    import io

    about, page = told("pictures")
    outputs = about.net.feedforward(PICTURES)
    predicted, labels = outputs.argmax(axis=1), np.arange(120) % 10
    wrong = [i for i in np.argsort(-outputs.max(axis=1)) if predicted[i] != labels[i]][:24]
    part = page[page.index('<section id="mistakes"') : page.index('<section id="calibration"')]
    tiles = re.findall(r'base64,([^"]*)" alt="row (\d+)".*?<span>(.*?)</span>', part)
    assert [int(row) for _, row, _ in tiles] == wrong
    for data, row, said in tiles:
        i = int(row)
        assert said == f"{labels[i]}, taken for {predicted[i]}"
        with image.open(io.BytesIO(base64.b64decode(data))) as read:
            ink = np.asarray(read)[..., 1]
        shown = PICTURES[wrong].astype(np.float32)
        assert np.abs(ink / 255 - PICTURES[i].reshape(8, 8) / shown.max()).max() < 0.5 / 255 + 1e-6


def test_weights_are_coloured_by_their_sign():
    image = pytest.importorskip("PIL.Image")
    import io

    about, page = told("pictures")
    tiles = re.findall(r'base64,([^"]*)" alt="neuron (\d+)"', page)
    assert len(tiles) == 48  # of 60
    w = np.array(about.net.weights[0])
    norms = np.sqrt((w**2).sum(axis=1))
    assert norms[[int(k) - 1 for _, k in tiles]].min() >= np.sort(norms)[12]
    for data, k in tiles[:5]:
        with image.open(io.BytesIO(base64.b64decode(data))) as read:
            colours = np.asarray(read).astype(int)
        own = w[int(k) - 1].reshape(8, 8)
        seen = colours[..., 3] > 0
        assert seen.mean() > 0.9
        assert ((colours[..., 2] > colours[..., 0]) == (own > 0))[seen].all()
        order = np.argsort(np.abs(own), axis=None)
        assert (np.diff(colours[..., 3].ravel()[order]) >= 0).all()


def test_lambda_is_worked_out():
    about, _ = told("classes")
    text, effect = text_of("classes"), None
    effect = fastnn.explain_regularization(
        0.5, l2=0.5, l1=[0, 0.25], n=120, m=7, weights=about.net.weights, epochs=3
    )
    assert f"n = {120}" in text
    for name in ("decay", "epoch_decay", "training_decay", "shrink", "epoch_shrink"):
        assert f" {getattr(effect, name):.6g} " in text, name
    for name in ("decay", "epoch_decay", "shrink", "epoch_shrink"):  # of the usual mistake
        assert f" {figure(getattr(effect, f'mistaken_{name}'))} " in text, name
    penalty = about.net.evaluate(X, LABELS).penalty
    assert f"The penalty of the weights as they are now is {penalty:.4g}" in text
    assert f"{effect.conventions['PyTorch weight_decay']:.6g}" in text
    assert "layer 2" in text  # alone has L1


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("pictures", "adam divides the gradient"),
        ("regression", "there is no penalty"),
        ("single_output", "an update takes off each |w|"),
        ("several_labels", "an update multiplies w by 1 − 0.01 λ₂ / n"),
    ],
)
def test_lambda_in_other_trainings(kind, said):
    assert said in text_of(kind)


def test_momentum_adds_up():
    net = fastnn.Network([6, 3], seed=0)
    net.fit(X, LABELS, epochs=1, optimizer=fastnn.Momentum(0.5), l2=0.1, learning_rate=0.25)
    text = text_of(regularization(subject(net, ABOUT)))
    assert "in the long run an update multiplies w by 1 − 0.25 / (1 - 0.5) λ₂ / n" in text


def test_a_file_that_does_not_say_how_it_was_trained():
    net = fastnn.Network([6, 3], seed=0)
    net.fit(X, LABELS, epochs=1, l2=0.1)
    net._state.asked = None  # as of a file of version 0.1
    text = text_of(regularization(subject(net, ABOUT)))
    assert "The file does not say" in text
    assert "with λ₂ = 0.1, and n = 120" in text


def test_lbfgs_has_no_steps():
    net = fastnn.Network([6, 3], seed=0)
    net.fit(X, LABELS, epochs=2, l2=0.1)
    net._state.optimizer = fastnn.LBFGS()  # as if by it, which takes long to import
    assert "L-BFGS takes all rows at once" in text_of(regularization(subject(net, ABOUT)))


def test_labels_are_counted():
    about, page = told("several_labels")
    targets, said = X[:, :3] > 0.5, about.net.feedforward(X) > 0.5
    for k in range(3):
        there, claimed = targets[:, k], said[:, k]
        counts = [there.sum(), (there & claimed).sum(), (there & ~claimed).sum()]
        counts.append((claimed & ~there).sum())
        assert "".join(f"<td>{count}</td>" for count in counts) in page


def test_numbers_have_errors():
    about, page = told("regression")
    off = about.net.feedforward(X) - (X[:, :2] ** 2)
    for k in range(2):
        assert f"<td>{np.sqrt((off[:, k] ** 2).mean()):.4g}</td>" in page
    worst = int(np.abs(off).max(axis=1).argmax())
    assert f'<th scope="row">{worst}</th>' in page


def test_large_layers_are_averaged():
    _, page = told("untrained")
    assert "Of 300 × 700 weights each cell is the mean of a block" in text_of("untrained")
    assert "69 more layers are not shown" in text_of("deep") or "68 more layers" in text_of("deep")
    assert page.count("<img") == 2


def test_many_epochs_and_classes_are_shortened():
    net = fastnn.Network([6, 3], seed=0)
    net.fit(X, LABELS, epochs=300)
    page = make_page(subject(net, ABOUT))
    assert "40 of 300 epochs" in page
    table = re.search("40 of 300 epochs.*?</table>", page)[0]
    epochs = re.findall(r'scope="row">(\d+)<', table)
    assert (len(epochs), epochs[0], epochs[-1]) == (40, "1", "300")
    assert "The 40 classes that are recognized worst" in text_of("many_classes")


def test_no_mistake_at_all():
    net = fastnn.Network([6, 3], seed=0)
    about = subject(net, ABOUT, measure(net, "own", X, net.predict(X)))
    assert "There is no mistake." in text_of(mistakes(about))
    assert "No row is taken for another class." in text_of(confusion(about))


def test_outputs_that_are_no_probabilities_have_no_calibration():
    net = fastnn.Network([6, 3], cost="quadratic", output_activation="tanh", seed=0)
    page = make_page(subject(net, ABOUT, measure(net, "rows", X, LABELS)))
    assert 'id="confusion"' in page
    assert 'id="calibration"' not in page


def test_the_file_is_written_whole(tmp_path):
    about, page = told("regression")
    write_page(about, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text("utf-8") == page  # the same every time
    about, _ = told("deep")
    odd = about.about._replace(title="\udce9t\udce9.npz")  # a name in Latin-1
    write_page(subject(about.net, odd), tmp_path / "odd.html")
    assert "\\udce9t" in (tmp_path / "odd.html").read_text("utf-8")


def test_rows_that_do_not_fit():
    net = fastnn.Network([6, 3], seed=0)
    with pytest.raises(ValueError, match="classes: expected 3 names, got 1"):
        measure(net, "rows", X, LABELS, ["a"])
    with pytest.raises(ValueError, match="shape: expected height x width = 6"):
        subject(net, ABOUT, shape=(2, 2))
    net.weights[0][0, 0] = np.nan
    with pytest.raises(ValueError, match="report: expected outputs that are numbers"):
        measure(net, "rows", X, LABELS)
