/**
 * Where SMPL's bodies have their roots at rest: their origin lies at chest height, so a translation puts
 * the pelvis at its rest place plus itself.
 * @module
 */

/** Rest pelvis of SMPL's neutral mean body, metres. */
export const SMPL_PELVIS = [-0.0018, -0.2233, 0.0282] as const;

/** Rest pelvis of SMPL-X's neutral mean body, metres. */
export const SMPLX_PELVIS = [0.0031, -0.3514, 0.012] as const;

/** The middle between the hips of SMPL's neutral mean body at rest, seen from its pelvis, metres. */
export const SMPL_HIPS = [0.0009, -0.091, -0.0056] as const;
