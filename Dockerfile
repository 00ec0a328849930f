# One image for every process; docker-compose.yml says which command each runs.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1

RUN useradd --create-home --uid 10001 pipelines \
    && mkdir /data && chown pipelines /data
WORKDIR /app

# The packages change less often than the code, so they come first.
COPY requirements/run.txt requirements/postgres.txt requirements/
RUN pip install --require-hashes -r requirements/run.txt \
    && pip install --require-hashes -r requirements/postgres.txt

COPY manage.py pyproject.toml LICENSE ./
COPY orchestrator orchestrator
COPY pipelines pipelines
COPY pipelines_ui pipelines_ui
COPY templates templates
COPY static static
COPY examples examples
RUN python -m compileall -q orchestrator pipelines pipelines_ui

USER pipelines
ENV PIPELINES_PRODUCTION=yes \
    PIPELINES_DATA_DIR=/data
VOLUME /data
EXPOSE 8000
CMD ["uvicorn", "pipelines_ui.asgi:application", "--host", "0.0.0.0", "--port", "8000"]
