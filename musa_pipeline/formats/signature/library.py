"""What the package 'cryptography' does for signatures, or how to get it: only who meets a signature needs it."""

from musa_pipeline.domain.errors import OutsideFailed

try:
    from cryptography import x509 as x509
    from cryptography.exceptions import InvalidSignature as InvalidSignature
    from cryptography.exceptions import UnsupportedAlgorithm as UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes as hashes
    from cryptography.hazmat.primitives import serialization as serialization
    from cryptography.hazmat.primitives.asymmetric import ec as ec
    from cryptography.hazmat.primitives.asymmetric import ed25519 as ed25519
    from cryptography.hazmat.primitives.asymmetric import padding as padding
    from cryptography.hazmat.primitives.asymmetric import rsa as rsa
    from cryptography.hazmat.primitives.asymmetric import utils as utils
except ImportError as error:
    raise OutsideFailed("signatures need the package 'cryptography'", "pip install 'musa-pipeline[sign]'") from error
