"""What a stranger's node may read: records, trees, errors."""
