"""What fastnn is measured against, and how: the code behind `python -m bench`.

task      what is trained: sizes, costs, hyperparameters
problem   a task's rows, first weights and order of rows: the same for every competitor
peers     the competitors, one module each; the only place that imports their libraries
worker    one competitor at work in a process of its own, told what to do through a pipe
case      what a row of the table is; cases and feature_cases are the table: tasks,
          competitors, bars
starts    what starting takes; features: what a feature alone takes
runner    checks results first, then times in interleaved rounds
machine   what it ran on; cpu_level: everyone held to a level of its instructions
meeting   what threads take to meet, beside each figure of several threads
roofline  what the machine could do at best: measured peaks, and what a case needs
grid      a map over hidden sizes, mini-batches and densities instead of the cases
report    the figures as a table, for the terminal and for a page
atlas     the map likewise
chart     both as a picture
"""
