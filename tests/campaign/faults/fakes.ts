/**
 * What an ffmpeg may do wrong: shell scripts in which `$real` is one that works.
 * @module
 */

/** By what each does. */
export const fakes: Readonly<Record<string, string>> = {
  "ends at once": "exit 1",
  "ends at once and says nothing is wrong": "exit 0",
  "is killed midway": "head -c 3000 >/dev/null; kill -9 $$",
  "says that the disk is full":
    'echo "av_interleaved_write_frame(): No space left on device" >&2; exit 1',
  "reads everything and writes nothing": "cat >/dev/null; exit 0",
  "says very much": "yes error | head -c 3000000 >&2; exit 1",
  "says what steers terminals": "printf '\\033[2J\\033]0;x\\007broken\\n' >&2; exit 1",
  "writes noise": "head -c 100000 /dev/urandom; exit 0",
  "does its work and then fails": '"$real" "$@"; exit 3',
  "does its work slowly": 'sleep 1; exec "$real" "$@"',
};

/** What it says of a file, which is not so; its pictures come as they are. */
const lie = (size: string) =>
  `{ "$real" "$@" 2>&1 >&3 3>&- | sed -E 's/, [0-9]+x[0-9]+/, ${size}/' >&2; } 3>&1`;

/** Lies that only a command that reads a video hears. */
export const lies: Readonly<Record<string, string>> = {
  "says that pictures are larger": lie("9000x9000"),
  "says that pictures are a little larger": lie("66x50"),
  "says that pictures are smaller": lie("16x16"),
  "says that there is no picture": lie("no size"),
  "ends in the middle of a picture": '"$real" "$@" | head -c 5000',
};

/** It neither works nor ends: somebody has to end the command. */
export const hanging = "exec sleep 600";
