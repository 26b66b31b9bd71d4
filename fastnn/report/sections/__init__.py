"""Parts of the page: each is made of a `Subject` by a function, or is None if there is none."""
