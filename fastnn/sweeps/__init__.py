"""Many networks at a time.

fit_many       trains a network for each of many settings, in processes of their own
specs          the settings: grids and random draws
tables         what came out, as a table
shared_arrays  rows that all processes read, in memory once
"""
