"""Secrets as words that people write down, say and type.

listed.py       the 7,776 words, and what was typed taken apart
passphrase.py   passphrases made by chance
written.py      some secret bytes as words with a checksum, and back

``eff_large.txt`` is the long word list of the Electronic Frontier Foundation
(https://www.eff.org/dice), by Joseph Bonneau, under CC BY 3.0 US; unchanged but for the
numbers of the dice, which are left out.
"""
