# Laredo as an image: a static program, the certificate authorities and the licences, and nothing else.
#
#   docker build -t laredo .                              the daemon
#   docker build -t laredo-dev --target laredo-dev .      … with the built-in identity provider, for laptops
#
# For linux/amd64 and linux/arm64 (`--platform`): the compiler runs on the machine that builds, and compiles across.
# Why static, and why glibc: docs/decisions/9-a-static-program-in-an-empty-image.md.

# Other names lead to a mirror, or pin a digest: RUST_IMAGE=rust:1.95-slim-bookworm@sha256:…
ARG RUST_IMAGE=rust:1.95-slim-bookworm

FROM --platform=$BUILDPLATFORM ${RUST_IMAGE} AS toolchain
ARG TARGETARCH
WORKDIR /build
# The target is always named, so that rustflags are not for what runs while it is built.
RUN set -eu; \
    here=$(dpkg --print-architecture); \
    case ${TARGETARCH:=$here} in \
      amd64) target=x86_64-unknown-linux-gnu compiler=x86-64-linux-gnu linker=x86_64-linux-gnu-gcc ;; \
      arm64) target=aarch64-unknown-linux-gnu compiler=aarch64-linux-gnu linker=aarch64-linux-gnu-gcc ;; \
      *) echo "There is no image for $TARGETARCH." >&2; exit 1 ;; \
    esac; \
    if [ "$TARGETARCH" != "$here" ]; then \
      apt-get update; \
      apt-get install --yes --no-install-recommends "gcc-$compiler" "libc6-dev-$TARGETARCH-cross"; \
      rm -rf /var/lib/apt/lists/*; \
      rustup target add "$target"; \
    fi; \
    mkdir .cargo; \
    printf '[build]\ntarget = "%s"\n' "$target" >.cargo/config.toml; \
    printf '[target.%s]\nlinker = "%s"\nrustflags = ["-Ctarget-feature=+crt-static"]\n' "$target" "$linker" \
      >>.cargo/config.toml

# Every crate of others. An empty crate stands for ours and is forgotten: cargo would go on with it where the files of ours
# are older than the build.
FROM toolchain AS dependencies
COPY Cargo.toml Cargo.lock ./
RUN mkdir -p src benches/answers && \
    echo '//! Nothing.' >src/lib.rs && \
    printf '//! Nothing.\nfn main() {}\n' | tee benches/answers/main.rs >src/main.rs && \
    cargo build --release --locked --no-default-features && \
    rm -r target/*/release/.fingerprint/laredo-*

FROM dependencies AS sources
COPY LICENSE ./
COPY deploy/image deploy/image
COPY src src

FROM sources AS program
RUN deploy/image/assemble --no-default-features

FROM sources AS program-dev
RUN deploy/image/assemble

# What both images have in common.
FROM scratch AS image
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="Laredo" \
      org.opencontainers.image.description="A small daemon beside an app that gets, caches and renews OAuth tokens for it" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
USER 65532:65532
ENTRYPOINT ["/laredo"]
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["/laredo", "healthcheck"]

# A container's loopback is out of its host's reach, so this one listens on all addresses: publish its ports to the
# host's loopback only (`-p 127.0.0.1:3000:3000`).
FROM image AS laredo-dev
COPY --from=program-dev /build/image/ /
LABEL org.opencontainers.image.title="Laredo with a built-in identity provider"
ENV BIND_ADDRESS=0.0.0.0:3000 PROBE_BIND_ADDRESS=0.0.0.0:3001
EXPOSE 3000 3001
CMD ["dev"]

# Listens on loopback unless told otherwise, which the other containers of a pod share: no port to expose.
FROM image AS laredo
COPY --from=program /build/image/ /
