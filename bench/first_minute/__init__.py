"""What a user waits for in the first minute, measured from outside on a fresh environment.

fresh     a virtual environment and an empty HOME in a folder for the purpose, no compiler in PATH
programs  what is run there
figures   what is measured, and the bar beside each
turns     epochs of prebuilt kernels beside compiled ones, in processes that take turns
__main__  the command

Nothing here imports fastnn: what is measured is the one that the fresh environment has.
"""
