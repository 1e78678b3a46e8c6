/**
 * Door of scenes without persons.
 * @module
 */
export { type EmptyScene, SceneKeeper, withoutPersons } from "./keep.ts";
export { sceneFrame, type ShowOptions, withoutThem } from "./show.ts";
