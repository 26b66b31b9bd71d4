"""What kernels and the Python that calls them have in common."""
