"""What credits cost and how they come in: price lists, top-ups, grants."""
