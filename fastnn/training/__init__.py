"""What happens in `fit`.

loop            epochs, and the pieces that they are cut into
schedules       the learning rate
optimizers      plain SGD and the others, by their settings
penalty         L1 and L2, and what else holds weights
settings        fit's keywords, checked, and put together with the rows
early_stopping  when to stop, and what to keep; monitoring says by which figure
divergence      numbers that become NaN or infinite
history         the figures of all epochs
progress        what is shown of them, by bars; callbacks are told
"""
