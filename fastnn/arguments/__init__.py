"""What callers hand in: checked here, with errors that name the argument and say what came.

checks         numbers, names, shapes; most of the package begins with one of these
array_input    what may be taken as an array of real numbers
keywords       keywords that a function doesn't take, and
hints          what was meant by them
user_warnings  warnings that point to the user's line
"""
