"""Everything that holds keys: on the person's own machine only."""
