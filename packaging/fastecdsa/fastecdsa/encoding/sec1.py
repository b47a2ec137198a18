"""SEC1 point encoding, refused."""

from fastecdsa import refuse


class SEC1Encoder:
    """Both directions raise ``Unsupported``."""

    encode_public_key = staticmethod(refuse)
    decode_public_key = staticmethod(refuse)
