"""How people reach their files and friends."""
