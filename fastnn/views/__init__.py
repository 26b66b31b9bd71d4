"""A network seen from outside: as lines of text, as HTML, in plots; and what it makes of rows."""
