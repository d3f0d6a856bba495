# The app with its packages, without compilers and without what is never used.
# Web: the default command. Worker: `python -m inkling trainer`. See docs/deploy.md.
FROM python:3.11-slim-bookworm AS build

# binutils has strip, which bin/post_compile uses. What Debian ships today is what is wanted.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends binutils \
 && rm -rf /var/lib/apt/lists/*
COPY requirements.txt /app/
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -r /app/requirements.txt
COPY . /app/
RUN PYTHON=/venv/bin/python /app/bin/post_compile

FROM python:3.11-slim-bookworm

RUN useradd --uid 10001 --no-create-home inkling
COPY --from=build /venv /venv
COPY --from=build /app /app
# What the app writes: journal and objects where neither database nor bucket is set, and tmp.
RUN mkdir -p /app/instance /app/tmp && chown 10001:10001 /app/instance /app/tmp
ENV PATH=/venv/bin:$PATH HOST=0.0.0.0 PORT=5000 PYTHONUNBUFFERED=1
WORKDIR /app
USER 10001
VOLUME /app/instance
EXPOSE 5000
HEALTHCHECK --start-period=30s --interval=30s --timeout=5s \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=4)"]
# Gunicorn is the container's first process and gets SIGTERM itself.
CMD ["gunicorn", "main:create_app()"]
