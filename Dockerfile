# One image for every process of the hotline; docker-compose.yml says which process a container is.

FROM node:22-slim AS console
WORKDIR /src/console
COPY console/package.json console/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY docs/openapi.json /src/docs/openapi.json
COPY console ./
RUN npm run build

FROM python:3.12-slim AS packages
COPY requirements.lock /tmp/requirements.lock
RUN python -m venv /opt/hotline && /opt/hotline/bin/pip install --no-cache-dir --require-hashes -r /tmp/requirements.lock

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /data hotline && install -d -o hotline -g hotline /data /away
ENV PATH=/opt/hotline/bin:$PATH PYTHONPATH=/srv/hotline PYTHONUNBUFFERED=1 HOTLINE_DATA_DIR=/data
WORKDIR /srv/hotline
COPY --from=packages /opt/hotline /opt/hotline
COPY pyproject.toml alembic.ini ./
COPY migrations ./migrations
COPY kit ./kit
COPY config ./config
COPY ivr ./ivr
COPY asr ./asr
COPY ticketing ./ticketing
COPY callbacks ./callbacks
COPY intake ./intake
COPY people ./people
COPY app ./app
COPY --from=console /src/console/dist ./console/dist
RUN python -m compileall -q .
USER hotline
VOLUME /data
CMD ["python", "-m", "app.cli", "run"]
