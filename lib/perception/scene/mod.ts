/**
 * Door of scenes without persons.
 * @module
 */
export { sceneCovering } from "./cover.ts";
export { type EmptyScene, SceneKeeper, withoutPersons } from "./keep.ts";
export { sceneFrame, type ShowOptions, withoutThem } from "./show.ts";
