"""What a network is: layers, functions, parameters. Nothing here trains.

architecture    sizes, activations, cost and parameters
initializers    where weights and biases begin
layer_arrays    weights and biases as a user reads and writes them
output_layer    what outputs mean: labels, probabilities, numbers; output_range what they reach
own_functions   activations and costs of the user's own; costs those that smooth labels
gradient_check  the gradient beside finite differences
"""
