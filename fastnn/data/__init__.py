"""Rows on their way in: checked, encoded, weighted, split.

rows              x, y and weights as one value, `Data`
targets           labels and rows of targets, as the engine takes them
sample_weights    what a row counts, by itself and by its class, see class_weights
validation_split  the share of the rows that is measured instead
"""
