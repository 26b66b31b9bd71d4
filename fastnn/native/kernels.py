"""All kernels that Python calls, by name; what they take, their sources in fastnn.kernels say."""

from fastnn.native.calling import kernel

train = kernel("train")
finish = kernel("finish")
measure = kernel("measure")
outputs = kernel("outputs")
evaluate = kernel("evaluate")
append_rows = kernel("append_rows")
find_columns = kernel("find_columns", locked=True)
copy_rows = kernel("copy_rows")
restore = kernel("restore")
find_middles = kernel("find_middles")
shuffle = kernel("shuffle")
column_outputs = kernel("column_outputs")
column_gradients = kernel("column_gradients")
