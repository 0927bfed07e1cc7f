"""The steps that bring a database to the schema of `db.models`, and what runs them."""
