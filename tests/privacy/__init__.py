"""What somebody in between can tell: two worlds that differ in a secret, and a guesser.

distinguish.py       START HERE: guessers learn from half of the runs and are judged by the rest
guessers.py          four kinds of them
test_distinguish.py  they find what is planted, and nothing where there is nothing
"""
