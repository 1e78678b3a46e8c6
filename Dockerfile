# isa4d in an image: Deno, libtorch, ffmpeg and the npm packages come by pip and npm, as set-up brings
# them. For CUDA give a base that has the driver's libraries mounted by the container runtime:
#
#   docker build -t isa4d .
#   docker build -t isa4d --build-arg BASE=nvidia/cuda:13.0.2-base-ubuntu24.04 .
#   docker run --rm -v "$PWD:/data" isa4d generate -i person.jpg … -o person.mp4
#   docker run --rm --gpus all -v "$PWD:/data" isa4d generate --device cuda …
ARG BASE=debian:bookworm-slim
FROM ${BASE}

RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    ca-certificates cmake g++ make python3 python3-pip \
  && rm -rf /var/lib/apt/lists/*

# Files that isa4d writes to a mounted folder belong to this user: --build-arg UID=$(id -u).
ARG UID=10001
RUN useradd --uid ${UID} --create-home isa4d && mkdir -p /opt/isa4d /data \
  && chown isa4d /opt/isa4d /data
USER isa4d
WORKDIR /opt/isa4d
COPY --chown=isa4d . .
RUN ./denow task setup && rm -rf /home/isa4d/.cache

WORKDIR /data
ENTRYPOINT ["/opt/isa4d/denow", "run", "-A", "--config", "/opt/isa4d/deno.json", "/opt/isa4d/cli/main.ts"]
CMD ["--help"]
