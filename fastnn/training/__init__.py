"""What happens in `fit`.

loop            epochs, and the pieces that they are cut into
schedules       the learning rate
optimizers      plain SGD and the others, by their settings
penalty         L1 and L2, and what else holds weights
dropout         what is left out of an update
early_stopping  when to stop, and what to keep; monitoring says by which figure
divergence      numbers that become NaN or infinite
history         the figures of all epochs
progress        what is shown of them; callbacks are told
"""
