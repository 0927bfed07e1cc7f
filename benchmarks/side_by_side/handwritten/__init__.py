"""The endpoint that somebody would write by hand: a route and its SQL for each thing that is asked, and no more."""
