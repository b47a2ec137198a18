"""A point on a curve, refused."""

from fastecdsa import refuse


class Point:
    """Exists for annotations only; making one raises ``Unsupported``."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        refuse(*args, **kwargs)
