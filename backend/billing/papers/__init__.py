"""A document on paper and as structured data: pure, the same bytes for the same document."""
