"""What is said of a file whatever it is written in: one file each, its docstring the manual."""
