"""The only folder that calls a cipher, a signature, a hash or a KDF.

aead.py       the two ciphers, bare: XAES-256-GCM and XChaCha20-Poly1305
errors.py     what can go wrong here, and no more detail than a stranger may have
hashing.py    SHA-256, in one go or piece by piece
hpke.py       sealing to a person's public key: HPKE with the hybrid KEM MLKEM768-X25519
kdf.py        keys and public values derived from a key, each for one named purpose
passwords.py  a password stretched by Argon2id, within limits both sides check
purposes.py   the closed lists of what a signature, a seal or a derived value may be for
safety.py     what two people compare to know that they hold each other's identity
sealing.py    authenticated encryption that says what it seals, and can commit to its key
secret.py     bytes that never print themselves, randomness, comparison in constant time
signing.py    hybrid signatures (Ed25519 and ML-DSA-65, both must hold) and the classical locks
threshold.py  a secret split into shares, any so many of which give it
totp.py       the codes that an authenticator app shows
webauthn.py   what a security key or passkey says, verified
work.py       proof of work: what an anonymous sender pays
"""
