"""What two machines agree to say: messages, limits, machines; no I/O."""
