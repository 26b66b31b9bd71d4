"""Pictures of arrays and figures; its module `library` alone imports Matplotlib (extra plot)."""
