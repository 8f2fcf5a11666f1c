"""Layers that learn to live with eight bits: in the last stretch of training they round as the shipped graph will.

Enters: a network. Leaves: the same network whose linear layers can round their weights (per output, to 64 steps either
way) and what comes in (per batch, to 256 steps) while gradients pass through as if nothing was rounded. Without this,
eight bits cost the tagger over word pieces a point and a half of coverage.
"""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

STEPS: Final = 64
"""Of a weight either way: seven bits, so that processors without exact eight-bit products do not overflow."""


class Rounding(nn.Linear):
    """A linear layer that rounds while it is told to."""

    rounding = False

    def forward(self, x: Tensor) -> Tensor:
        """Return the product, of rounded numbers if so."""
        if not (self.rounding and self.training):
            return super().forward(x)
        with torch.autocast(x.device.type, enabled=False):  # or the steps would be rounded once more
            return functional.linear(_rounded(x.float()), _rounded_rows(self.weight), self.bias)


def able_to_round(network: nn.Module) -> list[Rounding]:
    """Make every linear layer of `network` one that can round, and return them."""
    for layer in network.modules():
        if type(layer) is nn.Linear:
            layer.__class__ = Rounding
    return [layer for layer in network.modules() if isinstance(layer, Rounding)]


def _rounded(x: Tensor) -> Tensor:
    low, high = torch.aminmax(x.detach())
    low, high = low.clamp(max=0), high.clamp(min=0)
    scale = ((high - low) / 255).clamp(min=1e-8)
    zero = torch.round(-low / scale).to(torch.int32)
    return torch.fake_quantize_per_tensor_affine(x, scale, zero, 0, 255)


def _rounded_rows(weight: Tensor) -> Tensor:
    scale = (weight.detach().abs().amax(1) / STEPS).clamp(min=1e-8)
    zero = torch.zeros(len(scale), dtype=torch.int32, device=scale.device)
    return torch.fake_quantize_per_channel_affine(weight, scale, zero, 0, -STEPS, STEPS)
