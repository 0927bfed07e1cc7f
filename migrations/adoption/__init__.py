"""Taking over a database whose tables an earlier service made.

What is found in the catalog (`catalog`, `found`) is compared with the description (`comparison`), which gives what does
not fit, what has to be mended, and what is only noted (`findings`). The plan is shown (`plan`), agreed to and carried
out (`take_over`).
"""
