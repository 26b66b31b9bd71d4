"""The tab in a headless Chromium, with real clicks, taps and keys."""

import json
import time

import pytest

PATIENCE = 20.0  # seconds, on a machine that others use as well

ELSEWHERE = "data://text/html,elsewhere"


@pytest.fixture(scope="module")
def screen(browser):
    """One for all tests here: a new one takes as long as a test."""
    with browser.page() as page:
        yield page


@pytest.fixture
def opens(screen, address):
    """A function that loads the page anew, with settings; no test may leave an error in it."""
    screen.resize(1024, 768)
    screen.look()

    def load(settings="", *, link=None):
        screen.open(ELSEWHERE)  # else it were another fragment of the same page
        screen.open(link or f"{address}&{settings}")
        return screen

    yield load
    assert screen.errors == []
    assert screen.requests == []


def part(name):
    return f"#train [data-part={name}]"


def text_of(page, name):
    return page.evaluate(f"document.querySelector({json.dumps(part(name))}).textContent")


def value_of(page, name):
    return page.evaluate(f"document.querySelector('#train [name={name}]').value")


def training(page, expression):
    return page.evaluate(f"(t => {expression})(fastnn.train.training)")


def setting(page, name):
    return page.evaluate(f"fastnn.address.get({json.dumps(name)})")


def wait_for(page, expression, expected=True):
    until = time.monotonic() + PATIENCE
    while (found := page.evaluate(expression)) != expected:
        assert time.monotonic() < until, f"{expression}: {found!r}"
        time.sleep(0.02)


def shows(page, name, expected):
    """Wait until a part's text is that: most are written with the next frame."""
    wait_for(page, f"document.querySelector('{part(name)}').textContent", expected)


def hides(page, name, expected=True):
    wait_for(page, f"document.querySelector('{part(name)}').hidden", expected)


def fill(page, selector, text):
    """Put text in the place of what stands in a field, and leave it."""
    page.click(selector)
    page.evaluate(f"document.querySelector({json.dumps(selector)}).select()")
    page.type(text)
    page.press("Tab")


def choose(page, name, value):
    """Of a list, which opens outside the page: by the events that follow."""
    page.evaluate(
        f"(e => {{ e.value = {json.dumps(value)}; e.dispatchEvent(new Event('change')); }})"
        f"(document.querySelector('#train [name={name}]'))"
    )


def written(page, name, text):
    """Wait until the address has it."""
    wait_for(page, f"fastnn.address.get({json.dumps(name)})", text)


def accuracy(page, rows="training"):
    return training(page, f"t.figures.at(-1).{rows}.accuracy")


def picture_of(page, name):
    """The colours of some of a canvas's pixels."""
    return page.evaluate(
        f"""(canvas => {{
          const {{ width, height }} = canvas;
          const {{ data }} = canvas.getContext("2d").getImageData(0, 0, width, height);
          const at = (i) => 4 * Math.floor((i * width * height) / 400);
          return Array.from({{ length: 400 }}, (_, i) => data.slice(at(i), at(i) + 4).join());
        }})(document.querySelector({json.dumps(part(name))}))"""
    )


def test_it_plays_and_pauses_and_steps(opens):
    page = opens()
    assert page.evaluate("document.getElementById('train').hidden") is False
    assert training(page, "t.epoch") == 0
    shows(page, "progress", "Epoch 0.")
    before = {name: picture_of(page, name) for name in ("surface", "cost", "accuracy", "diagram")}
    assert all(len(set(colours)) > 1 for colours in before.values())
    page.click(part("update"))
    assert training(page, "[t.epoch, t.updates]") == [0, 1]
    page.click(part("epoch"))
    assert training(page, "[t.epoch, t.updates]") == [1, 0]
    page.click(part("play"))
    assert text_of(page, "play") == "Pause"
    wait_for(page, "fastnn.train.training.epoch > 5")
    page.click(part("play"))
    stopped = training(page, "[t.epoch, t.updates]")
    time.sleep(0.1)
    assert training(page, "[t.epoch, t.updates]") == stopped
    assert text_of(page, "play") == "Play"
    for name, colours in before.items():
        assert picture_of(page, name) != colours, name
    page.click(part("anew"))
    assert training(page, "[t.epoch, t.updates, t.figures.length]") == [0, 0, 1]


def test_a_run_has_an_end(opens):
    page = opens("pause=3&speed=most")
    page.click(part("play"))
    shows(page, "play", "Play")
    assert training(page, "[t.epoch, t.updates]") == [3, 0]
    page.click(part("play"))
    wait_for(page, "fastnn.train.training.epoch", 6)


@pytest.mark.parametrize("name", ["measured", "chance", "nothing", "infinity"])
def test_a_mistake_is_made_and_mended(opens, name):
    page = opens()
    page.click(f"#train [data-preset={name}]")
    choose(page, "speed", "most")
    ended = "fastnn.train.training.epoch > 8 || fastnn.train.training.failure !== null"
    wait_for(page, ended)
    hides(page, "verdict", False)
    title = text_of(page, "verdict-title")
    if name == "measured":
        assert "rows measured" in title
        assert accuracy(page) > 0.9
        wait_for(page, f"Number(document.querySelector('{part('sum-now')}').textContent) > 8")
    elif name == "infinity":
        assert training(page, "t.failure.epoch") > 1
        assert title.startswith("Training stopped: ")
        assert text_of(page, "play") == "Play"
        assert "10²" in text_of(page, "sum-now")  # and more
    else:
        assert accuracy(page) < 0.8
        assert "mini-batch's m = 10 rows" in title
    epoch = training(page, "t.epoch")
    page.click(part("mend"))
    if name == "measured":  # which is not trained anew
        assert training(page, "t.epoch") >= epoch
    else:
        assert training(page, "t.failure === null")
    wait_for(page, "fastnn.train.training.epoch > 8")
    hides(page, "verdict")
    assert accuracy(page) > 0.9
    assert accuracy(page, "test") > 0.8
    wait_for(page, f"Number(document.querySelector('{part('sum-now')}').textContent) < 1")
    written(page, "bym", None)
    written(page, "bymeasured", None)


def test_the_switch_shows_at_once_what_the_same_training_looks_like(opens):
    page = opens("watch=test&l2=5&test=10")
    for _ in range(3):
        page.click(part("epoch"))
    shows(page, "progress", "Epoch 3.")
    right = float(text_of(page, "penalty-now"))
    page.click("#train [name=bymeasured]")
    hides(page, "verdict", False)
    assert training(page, "t.epoch") == 3
    assert float(text_of(page, "penalty-now")) == pytest.approx(right * 270 / 30, rel=2e-3)
    written(page, "bymeasured", "1")
    page.click("#train [name=bymeasured]")
    wait_for(page, f"Number(document.querySelector('{part('penalty-now')}').textContent)", right)


def test_a_click_adds_a_point(opens):
    page = opens()
    before = training(page, "t.rows.points.length")
    left, top, width, height = page.place_of(part("points"))
    page.click(part("points"))
    assert training(page, "t.rows.points.length") == before + 1
    first = training(page, "t.rows.points.at(-1)")
    assert first == [pytest.approx(0, abs=0.01), pytest.approx(0, abs=0.01), 0]
    page.click("#train [name=pointer][value='2']")
    left, top, width, height = page.place_of(part("points"))
    place = (left + 0.75 * width, top + 0.4 * height)
    page.stroke([place])
    x, y, label = training(page, "t.rows.points.at(-1)")
    assert (x, y, label) == (pytest.approx(0.625, abs=0.01), pytest.approx(0.25, abs=0.01), 2)
    assert training(page, "t.network.sizes.at(-1)") == 3  # another class needs another output
    middle = "_".join(f"{value:g}" for value in first)
    written(page, "points", f"{middle}*{x:g}_{y:g}_2")
    assert page.evaluate(f"document.querySelector('{part('text')}').value").endswith(
        f"{x:g}, {y:g}, 2"
    )
    page.click("#train [name=pointer][value=none]")
    left, top, width, height = page.place_of(part("points"))
    page.stroke([(left + 0.75 * width + 3, top + 0.4 * height)])
    written(page, "points", middle)
    page.stroke([(left + 5, top + height / 2)])
    assert text_of(page, "pointer-note") == "There is no point of yours."


def test_a_point_joins_a_training_that_goes_on(opens):
    page = opens()
    page.click(part("play"))
    wait_for(page, "fastnn.train.training.epoch > 2")
    page.click(part("points"))
    assert training(page, "t.epoch") >= 2
    epoch = training(page, "t.epoch")
    wait_for(page, f"fastnn.train.training.epoch > {epoch + 1}")
    assert training(page, "t.n + t.rows.test.length") == 301


def test_a_tap_adds_a_point_on_a_phone(opens, screen):
    screen.resize(360, 740, scale=2.0, touch=True)
    page = opens("data=own")
    shows(page, "verdict-title", "There are no training rows.")
    left, top, width, height = page.place_of(part("points"))
    page.stroke([(left + width / 4, top + height / 2)], pointer="touch")
    wait_for(page, "fastnn.train.training.rows.points.length", 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.click(part("play"))
    wait_for(page, "fastnn.train.training.epoch > 1")


def test_pasted_points(opens):
    page = opens()
    rows = [
        f"{10 + (i % 7)}; {100 + 9 * (i % 5)}; {'late' if i % 7 > 3 else 'early'}"
        for i in range(35)
    ]
    fill(page, part("text"), "\n".join([*rows, "12; x; late"]))
    page.click(part("use"))
    assert text_of(page, "errors") == 'line 36: y: expected a number, got "x"'
    assert training(page, "t.rows.points.length") == 300
    fill(page, part("text"), "\n".join(rows))
    page.click(part("use"))
    assert text_of(page, "errors") == ""
    assert training(page, "t.rows.points.length") == 35
    assert [text_of(page, f"class-{c}") for c in (0, 1)] == ["early", "late"]
    choose(page, "speed", "most")
    page.click(part("play"))
    wait_for(page, "fastnn.train.training.figures.at(-1).training.accuracy", 1)
    written(page, "classes", "early*late")
    link = page.evaluate("location.href")
    opens(link=link)  # as somebody who was sent it
    assert training(page, "t.rows.points.length") == 35
    assert text_of(page, "class-1") == "late"


def test_the_address_has_every_setting(opens):
    page = opens()
    fill(page, "#train [name=eta]", "0.25")
    fill(page, "#train [name=hidden]", "5, 4")
    fill(page, "#train [name=rows]", "120")
    fill(page, "#train [name=l1]", "0.05")
    choose(page, "activation", "relu")
    choose(page, "data", "circles")
    page.click("#train [name=bym]")
    written(page, "bym", "1")
    for _ in range(2):
        page.click(part("epoch"))
    figures = training(page, "t.figures")
    assert training(page, "t.network.sizes") == [2, 5, 4, 2]
    link = page.evaluate("location.href")
    opens(link=link)
    assert value_of(page, "hidden") == "5, 4"
    assert (value_of(page, "eta"), value_of(page, "data")) == ("0.25", "circles")
    for _ in range(2):
        page.click(part("epoch"))
    assert training(page, "t.figures") == figures


def test_a_slider_and_its_number(opens):
    page = opens()
    slider = "#train [data-of=l2]"
    left, top, width, height = page.place_of(slider)
    page.stroke([(left + width - 3, top + height / 2)])
    assert float(value_of(page, "l2")) == pytest.approx(100, rel=0.1)
    fill(page, "#train [name=l2]", "0")
    assert page.evaluate(f"document.querySelector({json.dumps(slider)}).value") == "0"
    page.press("Tab")
    written(page, "l2", "0")
    hides(page, "no-lambda", False)


def test_enter_takes_a_number_and_leaves_the_rest(opens):
    page = opens()
    page.click(part("text"))
    page.type("1, 2, begun")
    page.click("#train [name=m]")
    page.evaluate("document.querySelector('#train [name=m]').select()")
    page.type("25")
    page.press("Enter")
    assert training(page, "t.m") == 25
    written(page, "m", "25")
    assert page.evaluate(f"document.querySelector('{part('text')}').value") == "1, 2, begun"
    assert page.evaluate("location.search") == ""


def test_a_number_that_does_not_fit_is_refused_beside_its_field(opens):
    page = opens()
    fill(page, "#train [name=hidden]", "8, 99")
    message = "document.querySelector('#train label .wrong')?.textContent ?? null"
    assert "from 1 to 32" in page.evaluate(message)
    assert training(page, "t.network.sizes") == [2, 8, 2]
    fill(page, "#train [name=hidden]", "7")
    assert page.evaluate(message) is None
    assert training(page, "t.network.sizes") == [2, 7, 2]


def test_back_and_forward(opens):
    page = opens()
    page.click("#train [data-preset=chance]")
    page.click("#train [data-preset=measured]")
    assert (value_of(page, "l1"), value_of(page, "l2"), value_of(page, "test")) == ("0", "5", "1")
    page.evaluate("history.back()")
    wait_for(page, "document.querySelector('#train [name=l1]').value", "5")
    assert training(page, "t.rule.byMiniBatch") is True
    page.evaluate("history.back()")
    wait_for(page, "document.querySelector('#train [name=l2]').value", "0.1")
    page.evaluate("history.forward()")
    wait_for(page, "document.querySelector('#train [name=l1]').value", "5")
    assert page.evaluate("document.querySelector('#train [name=bym]').checked") is True


def test_what_is_wrong_in_an_address_is_said(opens, address):
    page = opens()
    assert page.evaluate(f"document.querySelector('{part('notes')}').hidden") is True
    page.open(f"{address}&eta=fast&m=0&l2=3&data=%3Cb%3E")
    hides(page, "notes", False)
    notes = text_of(page, "notes").split("\n")
    assert [note.partition(":")[0] for note in notes] == ["data", "eta", "m"]
    assert notes[1] == 'eta: expected a number from 0 to 100, got "fast"; it is 0.5 now'
    assert value_of(page, "l2") == "3"
    fill(page, "#train [name=eta]", "0.4")
    assert page.evaluate(f"document.querySelector('{part('notes')}').hidden") is True


def test_a_number_to_learn_has_no_accuracy(opens):
    page = opens("data=hills")
    page.click(part("epoch"))
    hides(page, "accuracies")
    assert page.evaluate(f"document.querySelector('{part('cost-choice')}').disabled") is True
    page.click(part("points"))
    assert "a number is to be learned" in text_of(page, "pointer-note")


def test_the_network_is_taken_along(opens):
    page = opens()
    page.click(part("epoch"))
    kept = "HTMLAnchorElement.prototype.click = function () { globalThis.kept = this; }"
    page.evaluate(f"void ({kept})")
    page.click(part("download"))
    assert page.evaluate("kept.download") == "network.json"
    stored = page.evaluate("decodeURIComponent(kept.href.replace('data:application/json,', ''))")
    assert json.loads(stored)["sizes"] == [2, 8, 2]
    choose(page, "activation", "relu")
    assert "network2 has no relu neurons" in text_of(page, "saving-note")
    assert page.evaluate(f"document.querySelector('{part('download')}').disabled") is True


def test_dark_and_light(opens):
    page = opens()
    light = {name: picture_of(page, name) for name in ("surface", "cost", "points")}
    page.look(dark=True)
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    for name, colours in light.items():
        assert picture_of(page, name) != colours, name


def test_nothing_is_wider_than_the_screen(opens):
    page = opens("l1=1&l2=1&bym=1&data=iris&hidden=32-32")
    page.click(part("epoch"))
    for width in (360, 559, 560, 719, 720, 959, 960, 1080):
        page.resize(width, 740)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


TIMED = """
globalThis.times = [];
const asked = requestAnimationFrame;
globalThis.requestAnimationFrame = (f) => asked((now) => {
  const start = performance.now();
  f(now);
  times.push(performance.now() - start);
});
"""


def test_a_frame_takes_less_than_its_time(opens):
    """Of 16 ms: a tenth of the frames do, however busy the machine is with other programs."""
    page = opens()
    page.evaluate(f"{{{TIMED}}}")
    choose(page, "speed", "most")
    page.click(part("play"))
    wait_for(page, "times.length > 80")
    times = sorted(page.evaluate("times.slice(20)"))
    assert times[len(times) // 10] < 16
    assert training(page, "t.epoch") > 20
