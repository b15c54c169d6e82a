"""XML signatures over whole documents: Ed25519, ECDSA and RSA, in the one shape that cannot be moved around what it speaks of."""
