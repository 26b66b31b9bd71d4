"""What fastnn is measured against, and how: the code behind `fastnn bench` and `pytest bench`.

task      what is trained: sizes, costs, hyperparameters
problem   a task's rows, first weights and order of rows: the same for every competitor
peers     the competitors, one module each; the only place that imports their libraries
worker    one competitor at work in a process of its own, told what to do through a pipe
cases     the table: tasks, competitors, bars
runner    checks results first, then times in interleaved rounds
machine   what it ran on
roofline  what the machine could do at best: measured peaks, and what a case needs
report    the figures as a table, for the terminal and for the README
chart     the same as a picture

Nothing else in fastnn imports this package.
"""
