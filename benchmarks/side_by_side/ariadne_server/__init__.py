"""The program's queries, loaders and commands behind Ariadne: another library in the place of Strawberry."""
