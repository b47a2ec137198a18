"""The only folder that calls a cipher, a signature, a hash or a KDF."""
