# One container with Pullwright, its Postgres and the sandbox. Build it with: docker build -t pullwright .
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/copy-assets.mjs scripts/
COPY src src
RUN npm run build && npm prune --omit=dev

FROM node:20-bookworm-slim
# The sandbox shows the /usr of this image to agents. Add the toolchains of your repositories here. node-gyp
# needs the compiler and Python for packages without a prebuilt binary.
RUN apt-get update \
 && apt-get install -y --no-install-recommends bubblewrap build-essential ca-certificates curl git python3 \
    python3-venv ripgrep util-linux \
 && rm -rf /var/lib/apt/lists/*
# Servers that tests connect to, with their clients: see docs/services.md. Leave them out with SERVICES="".
ARG SERVICES="locales mariadb-server memcached postgresql-client redis-server"
RUN if [ -n "$SERVICES" ]; then apt-get update \
 && apt-get install -y --no-install-recommends $SERVICES \
 && { [ ! -e /usr/share/i18n/locales/en_US ] || localedef -i en_US -f UTF-8 en_US.UTF-8; } \
 && rm -rf /var/lib/apt/lists/*; fi
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
COPY agents agents
RUN useradd --create-home --home-dir /var/lib/pullwright --shell /usr/sbin/nologin pullwright
USER pullwright
ENV NODE_ENV=production PULLWRIGHT_HOME=/var/lib/pullwright/home
VOLUME /var/lib/pullwright
EXPOSE 3000
# Bubblewrap needs a few flags to create user namespaces inside a container: see docs/configuration.md.
CMD ["node", "dist/cli.js", "start"]
