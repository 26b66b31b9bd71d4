from fastnn.report.html import Html, definitions, element, join, table

HOSTILE = "<b>\"&'"
SAFE = "&lt;b&gt;&quot;&amp;&#x27;"


def test_texts_are_escaped_and_markup_is_not():
    assert element("p", HOSTILE) == f"<p>{SAFE}</p>"
    assert element("p", element("b", "x"), HOSTILE) == f"<p><b>x</b>{SAFE}</p>"
    assert join([Html("<b>"), "<b>"]) == "<b>&lt;b&gt;"
    assert type(join(["a"])) is type(element("p", "a")) is Html


def test_attributes():
    assert element("p", class_="a", aria_label=HOSTILE, id=None, tabindex=0) == (
        f'<p class="a" aria-label="{SAFE}" tabindex="0"></p>'
    )
    assert element("img", src="data:,", alt="") == '<img src="data:," alt="">'


def test_what_is_put_together_is_escaped_as_well():
    assert "<b>" not in table(HOSTILE, [HOSTILE], [[HOSTILE, HOSTILE]])
    assert "<b>" not in definitions([(HOSTILE, HOSTILE)])


def test_a_table_names_its_rows_and_columns():
    html = table("Names", ["class", "rows"], [["a", "5"]])
    assert '<th scope="col">rows</th>' in html
    assert '<th scope="row">a</th><td>5</td>' in html
    assert '<table aria-label="Names">' in html
    assert "<thead>" not in table("Names", ["", ""], [["a", "5"]])
