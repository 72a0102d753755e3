"""What can go wrong with the stack, on a timetable: one fault a file, `table` lists them."""
