"""The process: settings, the ASGI application, authentication, GraphiQL, health and the command line."""
