"""What functions are called in a library."""

from fastnn.build.symbols import symbol


def test_symbols_are_names_of_c_and_differ():
    keys = ["train(i8*,Memory(State(f4*,f4*,f4*)),f8)", "train(i8*)", "shuffle"]
    symbols = [symbol(key) for key in keys]
    assert all(name.isidentifier() for name in symbols)
    assert symbols[0].startswith("fastnn_train_")
    assert len(set(symbols)) == 3
