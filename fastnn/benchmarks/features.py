"""Figures of fastnn's features alone, each from a program in a process of its own."""

__all__ = ["STAGES"]

STAGES: dict = {}
