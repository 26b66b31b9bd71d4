"""A hand that draws on the page of `fastnn demo`, and what the page then shows."""

__all__ = ["ONE", "SEVEN", "draw", "shown", "wait"]

# Places on the board, as shares of its width and height.
ONE = [(0.5, 0.15 + 0.07 * i) for i in range(11)]
SEVEN = [
    *((0.3 + 0.05 * i, 0.2) for i in range(9)),
    *((0.7 - 0.03 * i, 0.2 + 0.07 * i) for i in range(10)),
]

_SHOWN = """(() => {
  const find = (id) => document.getElementById(id);
  const all = (selector) => [...document.querySelectorAll(selector)];
  return {
    leading: find("leading").textContent,
    spoken: find("spoken").textContent,
    why: find("why-title").textContent,
    names: all(".bar-name").map((e) => e.textContent),
    values: all(".bar-value").map((e) => e.textContent),
    lengths: all(".bar-fill").map((e) => e.style.transform),
    pressed: all(".bar").findIndex((e) => e.getAttribute("aria-pressed") === "true"),
    enabled: all(".bar:enabled").length,
    neurons: all(".neurons li").filter((e) => e.offsetParent).length,
    undo: !find("undo").disabled,
    clear: !find("clear").disabled,
    board: find("board").toDataURL(),
    seen: find("seen").toDataURL(),
    hash: location.hash,
  };
})()"""


def draw(page, shares, pointer="mouse"):
    """A stroke through places on the board."""
    left, top, width, height = page.place_of("#board")
    page.stroke([(left + x * width, top + y * height) for x, y in shares], pointer)


def shown(page):
    """What the page says, and the pictures that it shows."""
    return page.evaluate(_SHOWN)


def wait(page, milliseconds=50):
    """For what comes a little later: a scroll, a changed address."""
    page.evaluate(f"new Promise((done) => setTimeout(done, {milliseconds}))")
