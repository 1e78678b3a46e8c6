/**
 * Door of scenes without persons.
 * @module
 */
export { type EmptyScene, sceneFrame, SceneKeeper, withoutPersons } from "./keep.ts";
