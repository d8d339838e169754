"""What the engine costs, beside the cheapest thing that could do the same work."""
