"""Names of options, in both spellings; costs that smooth labels are in test_multi_label.py."""

import pytest
from samples import labelled, same_bits, small

import fastnn

X, LABELS = labelled()


@pytest.mark.parametrize("cost", ["cross_entropy", "log_likelihood", "mean_absolute_error"])
def test_words_of_a_cost_may_be_joined_by_hyphens(cost):
    net, other = small(cost=cost), small(cost=cost.replace("_", "-"))
    assert net.cost == other.cost == cost
    assert repr(net) == repr(other)
    for each in (net, other):
        each.fit(X, LABELS if cost != "mean_absolute_error" else X[:, :3], epochs=1)
    assert same_bits(net, other)


def test_so_may_those_of_activations_and_initializers():
    net = small(activation=["leaky-relu"], initializer="he-normal")
    other = small(activation=["leaky_relu"], initializer="he_normal")
    assert net.activation == other.activation == ["leaky_relu"]
    assert same_bits(net, other)


def test_a_saved_network_has_underscores(tmp_path):
    small(cost="log-likelihood").save(tmp_path / "net.npz")
    assert fastnn.load(tmp_path / "net.npz").cost == "log_likelihood"


def test_specs_of_many_networks_may_have_either():
    specs = fastnn.grid(cost=["log-likelihood", "log_likelihood"], seed=1)
    one, other = fastnn.fit_many(specs, X, LABELS, sizes=[5, 4, 3], epochs=1)
    assert same_bits(one.net, other.net)


@pytest.mark.parametrize("name", ["cross_entropy", "cross-entropy", "leaky_relu"])
def test_a_users_cost_has_a_name_of_its_own(name):
    with pytest.raises(ValueError, match=f"^UserCost's name: expected one .* got '{name}'"):
        fastnn.UserCost(lambda a, y: a - y, lambda a, y: 1.0, name=name)


def test_the_class_is_no_cost():
    message = r"^cost: expected a name or a .* or fastnn.CrossEntropy\(label_smoothing=...\), got"
    with pytest.raises(TypeError, match=message):
        small(cost=fastnn.CrossEntropy)
