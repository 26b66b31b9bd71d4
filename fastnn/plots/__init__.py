"""Pictures of arrays and figures: what to count and to show of them, in plain NumPy, and drawings.

Its module `library` alone imports Matplotlib (the extra plot); `drawing` is the part that needs it.
Nothing here knows of networks.
"""
