"""A training told on one page: `fastnn report MODEL`.

What is told comes in as a `Subject`; each of `sections` makes a part of it, or nothing; `page` puts
them into one file, which asks for nothing from elsewhere.
"""
