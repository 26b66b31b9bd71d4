"""A training told on one page: `fastnn report MODEL`."""
