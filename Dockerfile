FROM node:24-slim AS graphiql
WORKDIR /build
COPY graphql_api/graphiql/package.json graphql_api/graphiql/package-lock.json graphql_api/graphiql/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY graphql_api/graphiql ./
RUN npm run build


FROM python:3.13-slim AS build
RUN python -m venv /opt/venv
COPY requirements.lock ./
# Wheels only: neither this stage nor the next has a compiler.
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary :all: --require-hashes \
    -r requirements.lock
WORKDIR /app
COPY LICENSE ./
COPY graphql_api graphql_api
COPY schema schema
COPY db db
COPY domain domain
COPY migrations migrations
# Of GraphiQL only what was built from it.
RUN rm -r graphql_api/graphiql
COPY --from=graphiql /build/dist graphql_api/graphiql/dist
# Nothing is written at run time, so each start would compile again.
RUN /opt/venv/bin/python -m compileall -q .


FROM python:3.13-slim
ENV PATH="/opt/venv/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
# By number, so that an orchestrator can tell that it is not root.
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/livez'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["python", "-m", "graphql_api"]
CMD ["serve", "--host", "0.0.0.0"]
