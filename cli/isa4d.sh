#!/bin/sh
# Runs isa4d with the rights that its command needs and no others: it reads what it is given, writes
# where its outputs lie, starts ffmpeg, and has no network. What it lacks where something is yet to be
# brought, or where it starts itself again, it gets. ISA4D_RIGHTS=all gives everything, and
# ISA4D_RIGHTS=show prints what it would be started with.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
deps=$root/.deps
here=${INIT_CWD:-$PWD}

isa4d() {
  [ "${ISA4D_RIGHTS:-}" != show ] || { printf '%s\n' "$@" && exit; }
  exec "$root/denow" run "$@"
}

# The first word that is no flag is the command; --log and --profile take a word.
command='' after=''
for word in "$@"; do
  case $after in
    --log | --profile) after='' && continue ;;
  esac
  case $word in
    -*) after=$word ;;
    *)
      command=$word
      break
      ;;
  esac
done

needs_all() {
  [ "${ISA4D_RIGHTS:-}" = all ] && return 0
  case $root${ISA4D_FFMPEG:-}${LIBTORCH:-}${DENO_DIR:-}${TMPDIR:-}${XDG_CACHE_HOME:-}${HOME:-} in
    *,*) return 0 ;; # Deno's flags part paths at commas
  esac
  # Torch of another place, or none yet: set-up or Python looks for it.
  [ -d "$deps/torch/lib" ] || [ -d "${LIBTORCH:-/nowhere}/lib" ] || return 0
  case $command in
    batch | doctor) return 0 ;; # they start isa4d, sbatch and Python, and look at other processes
  esac
  for word in "$@"; do
    case $word in
      --nproc | --nproc=*) return 0 ;;
      /dev/* | /proc/*) return 0 ;; # Deno opens these to nobody who lacks a right
    esac
  done
  return 1
}

if needs_all "$@"; then
  isa4d -A --config "$root/deno.json" "$root/cli/main.ts" "$@"
fi

write=${TMPDIR:-/tmp},/dev/null everywhere=
cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
[ -z "$cache" ] || write=$write,$cache/isa4d

# The folder that an output lies in; its name may stand for several.
output() {
  case $1 in
    - | '') return ;;
    /*) path=$1 ;;
    *) path=$here/$1 ;;
  esac
  path=${path%/}
  write=$write,${path%/*}/
  case $path in
    *,*) everywhere=2 ;; # no list can hold it
  esac
}

after='' named=''
for word in "$@"; do
  case $after in
    -o | --output) named=1 && output "$word" ;;
    --matte | --save-latents | --preview-file | --sheet | --figures | --html | --profile | --cache | --nerfstudio)
      output "$word"
      ;;
  esac
  after=''
  case $word in
    --output=*) named=1 && output "${word#*=}" ;;
    --matte=* | --save-latents=* | --preview-file=* | --sheet=* | --figures=* | --html=* | --profile=* | --cache=* | --nerfstudio=*)
      output "${word#*=}"
      ;;
    -o?*) named=1 && output "${word#-o}" ;;
    --job | --job=* | --from | --from=* | --latents | --latents=*) everywhere=${everywhere:-1} ;; # may name the output
    -*) after=$word ;;
    *)
      # Files to convert, folders to index, to report on and to train in.
      case $command in
        convert | index | eval | train) output "$word" && output "$word/." ;;
      esac
      ;;
  esac
done
[ "$command" != demo ] || output out/demo
if [ "$everywhere" = 2 ] || { [ -n "$everywhere" ] && [ -z "$named" ]; }; then
  allow_write=--allow-write
else
  allow_write=--allow-write=$write
fi

# ffmpeg, as lib/io/ffmpeg.ts finds it.
run=
for program in "${ISA4D_FFMPEG:-}" "$deps"/imageio_ffmpeg/binaries/ffmpeg-*; do
  case $program in
    '' | *'*') ;;
    *) run=$run,$program ;;
  esac
done
! command -v ffmpeg >/dev/null || run=$run,ffmpeg
# The native library, torch beside it, and the one that sharp brings, which lies among npm's packages.
ffi=$deps,$(cd "$deps" && pwd -P)
for folder in "${LIBTORCH:-}" "${DENO_DIR:-}" "${HOME:+$HOME/.cache/deno}" "${XDG_CACHE_HOME:+$XDG_CACHE_HOME/deno}"; do
  [ -z "$folder" ] || ffi=$ffi,$folder
done
more=

# What is brought or made at its first use is brought by Deno and pip, into .deps.
bring=
[ -e "$deps/ready-1" ] || bring=1
[ -e "$deps/assets/perception/face_landmark.tflite" ] || bring=1
case " $* " in
  *' --sign'* | *' verify '*) [ -e "$deps/assets/credentials/libc2pa_c.so" ] || bring=1 ;;
esac
case $command in
  plan)
    more=--allow-sys=systemMemoryInfo
    ! command -v nvidia-smi >/dev/null || run=$run,nvidia-smi
    ;;
  view)
    more=--allow-net=127.0.0.1
    ! command -v xdg-open >/dev/null || run=$run,xdg-open
    ls "$deps"/viewer/*.js >/dev/null 2>&1 || bring=1
    ;;
esac
if [ -n "$bring" ]; then
  isa4d -A --config "$root/deno.json" "$root/cli/main.ts" "$@"
fi

isa4d --no-prompt --no-remote --allow-read --allow-env "$allow_write" \
  "--allow-ffi=$ffi" "--allow-run=${run#,}" ${more:+"$more"} \
  --config "$root/deno.json" "$root/cli/main.ts" "$@"
