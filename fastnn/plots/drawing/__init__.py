"""Drawings on Matplotlib's Axes, from what the modules above worked out.

Each `plot_...` takes `ax`: Axes of the user's to draw on, which it returns; None makes a figure and
returns that. Nothing is shown, and pyplot is not touched.
"""
