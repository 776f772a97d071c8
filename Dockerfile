# docker build -t salvor:0.1.0 .
#
# What is pinned: every npm package by its integrity in package-lock.json; the base images by name and tag here, and by digest where you build for others:
#   docker build --build-arg NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:… --build-arg BASE_IMAGE=gcr.io/distroless/nodejs24-debian12:nonroot@sha256:… .
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
ARG BASE_IMAGE=gcr.io/distroless/nodejs24-debian12:nonroot

FROM ${NODE_IMAGE} AS build
WORKDIR /app
# No install script runs: the only one would fetch a second Node.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY bin bin
COPY scripts scripts
COPY src src
COPY handlers handlers
COPY playbooks playbooks
# dist/ is the checkout again, with JavaScript in place of TypeScript.
RUN node scripts/prepack.ts
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

# No shell, no package manager, nobody but 65532: Node, what it needs, and this.
FROM ${BASE_IMAGE}
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/bin bin
COPY --from=build /app/dist dist
ENV NODE_ENV=production
USER 65532:65532
EXPOSE 8080 8081
ENTRYPOINT ["/nodejs/bin/node", "bin/salvor.js"]
CMD ["serve", "--config", "/etc/salvor/salvor.yaml"]
