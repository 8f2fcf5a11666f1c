"""Rounded layers compute nearly the same and still learn. Needs PyTorch, so it runs where training does."""

import pytest

torch = pytest.importorskip("torch")

from detectors.ner.train.eight_bits import able_to_round  # noqa: E402


def test_rounding_changes_little_lets_gradients_through_and_stays_off_at_work() -> None:
    torch.manual_seed(1)
    network = torch.nn.Sequential(torch.nn.Linear(32, 32), torch.nn.GELU(), torch.nn.Linear(32, 8))
    numbers = torch.randn(5, 32)
    plain = network(numbers)
    layers = able_to_round(network)
    for layer in layers:
        layer.rounding = True
    rounded = network(numbers)
    assert len(layers) == 2 and not torch.equal(rounded, plain)
    assert torch.allclose(rounded, plain, atol=0.05)
    rounded.sum().backward()
    assert all(layer.weight.grad is not None and layer.weight.grad.abs().sum() > 0 for layer in layers)
    assert torch.equal(network.eval()(numbers), plain)
