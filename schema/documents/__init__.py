"""What is asked of a document before anything of it is executed."""
