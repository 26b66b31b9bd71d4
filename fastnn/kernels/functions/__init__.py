"""Activations and costs, as kernels call them.

activations, costs            what most networks use, compiled into the kernels
rare_activations, rare_costs  what few do, called through pointers, see calls
user_functions                those of users
"""
