"""fastnn's own files, for a network that is at hand as arrays and names."""

from __future__ import annotations

import os

from fastnn.export.incoming import as_network
from fastnn.model.portable import PortableNetwork
from fastnn.network import Network

__all__ = ["save"]


def save(net: Network | PortableNetwork, path: str | os.PathLike[str]) -> None:
    """As `Network.save`, with all that it takes to train on, if there is such."""
    (as_network(net) if isinstance(net, PortableNetwork) else net).save(path)
