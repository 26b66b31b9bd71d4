"""What happens in `fit`.

loop            the epochs of a fit, one after the other
pieces          what an epoch is cut into; short_epochs: what several of them are put together to
state           what a fit leaves for the next one
schedules       the learning rate
optimizers      plain SGD and the others, by their settings
penalty         L1 and L2, and what else holds weights
settings        fit's keywords, checked, and put together with the rows
early_stopping  when to stop, and what to keep; monitoring says by which figure
divergence      numbers that become NaN or infinite
history         the figures of all epochs
progress        what is shown of them, by bars; callbacks are told
trial           the beginning of a fit, for the sake of its kernels
collection      a pause for Python's garbage collector, where many figures are made
"""
