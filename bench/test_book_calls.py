"""The book's calls for one sample or a few: ours twice as fast for 784-30-10, and never slower."""

import book_calls


def test_no_call_is_slower_than_the_books(capsys):
    assert book_calls.main([]) == 0, capsys.readouterr().out
