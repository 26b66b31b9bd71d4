"""A page to play with: draw a digit, or train a small network; one file, no server."""
