"""The GraphQL surface, laid out by noun. Resolvers authorise, call one query or command, and return."""
