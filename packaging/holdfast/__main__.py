"""``python -m holdfast`` is ``holdfast``."""

from holdfast import main

main()
