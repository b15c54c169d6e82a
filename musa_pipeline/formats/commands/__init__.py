"""Signed commands: the text that is signed, and the signature (HMAC-SHA-256, RFC 2104).

`musa_pipeline.agent.orders` has the other half: it cannot import the platform, so a test holds both to the same bytes.
"""

from musa_pipeline.formats.commands.sign import canonical, is_signed, sign

__all__ = ["canonical", "is_signed", "sign"]
