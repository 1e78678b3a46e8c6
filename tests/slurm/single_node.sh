#!/bin/bash
# Runs `isa4d batch --slurm` on a Slurm of one node that this script starts and stops again.
#
#   apt-get install slurm-wlm munge
#   sudo tests/slurm/single_node.sh [FOLDER]
#
# Run as root, on a machine (or in a container) that runs no Slurm of its own. Everything lies in
# FOLDER; the jobs are small ones on the shipped weights.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mkdir -p "${1:-/tmp/isa4d-slurm}" && cd "${1:-/tmp/isa4d-slurm}" && pwd)
host=$(hostname -s)
cores=$(nproc)
export SLURM_CONF=$folder/slurm.conf

mkdir -p "$folder"/{state,spool,munge} && chmod 700 "$folder/munge"
chown munge: "$folder/munge"
cat > "$SLURM_CONF" <<CONF
ClusterName=one
SlurmctldHost=$host
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
KillWait=30
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
NodeName=$host CPUs=$cores State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF

pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true' EXIT
head -c 1024 /dev/urandom > "$folder/munge/key"
chown munge: "$folder/munge/key" && chmod 400 "$folder/munge/key"
setpriv --reuid=munge --regid=munge --clear-groups \
  munged --foreground --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
  --pid-file="$folder/munge/pid" --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" > "$folder/munged.log" 2>&1 &
pids+=($!)
until [ -S "$folder/munge/socket" ]; do sleep 0.1; done
slurmctld -D > "$folder/slurmctld.log" 2>&1 &
pids+=($!)
slurmd -D -N "$host" > "$folder/slurmd.log" 2>&1 &
pids+=($!)
until sinfo -h -o %T 2>/dev/null | grep -q idle; do sleep 0.5; done
sinfo

isa4d() { "$root/denow" run -A --no-check "$root/cli/main.ts" "$@"; }

cd "$folder"
rm -rf night
cat > jobs.jsonl <<'JOBS'
{"defaults": {"reference": {"image": "me.png", "pose": "none"}, "frames": 5, "steps": 4, "width": 64, "height": 64}}
{"id": "walk", "persons": [{"motion": "builtin:walk"}], "steps": 150}
{"id": "dance", "persons": [{"motion": "builtin:dance"}], "seed": 7}
{"id": "turn", "persons": [{"motion": "builtin:turn"}]}
{"id": "jump", "persons": [{"motion": "builtin:jump"}]}
JOBS
base64 -d > me.png <<'PNG'
iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAe0lEQVR42rXNERfCUBgA0O/ZwzAcDsMwHIbDcDgcPg
yHw3AYhmE4HIbDMNyvuOdcvymi5AgnRdbBQQdHHVQ6qHVw0sFZBxcdNDq46qDVwU0HnQ56HQw6KDq462DUwaSDhw5m
HTx18NLBWwcfHSw6WHXw1cGmg58O/jbYARzfPqF3HHsQAAAAAElFTkSuQmCC
PNG
submit() {
  isa4d batch jobs.jsonl -o night --slurm --tasks 2 --sbatch=--cpus-per-task=1
}
ended() { while [ -n "$(squeue -h)" ]; do sleep 1; done; }

# The array is cancelled when a job has sampled for a while: what it has is kept, and gone on with.
submit
until [ -e night/walk.mp4.resume.safetensors ]; do sleep 0.2; done
squeue
scancel --user="$(id -un)"
ended
isa4d batch --status -o night
submit
ended
isa4d batch --status -o night
grep -h 'goes on where it was cut' night/slurm/*.log
! isa4d batch --status --json -o night | grep -v '"state":"done"'
echo "all done"
