"""The program beside a hand-written endpoint and beside other GraphQL servers, over the same rows."""
