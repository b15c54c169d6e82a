"""The provider `local`: machines of our own making on this machine, for a demonstration or a test without any account."""

from musa_pipeline.runners.local.guests import Guests, lacks
from musa_pipeline.runners.local.spaces import connect_in, listen_in, within

__all__ = ["Guests", "connect_in", "lacks", "listen_in", "within"]
