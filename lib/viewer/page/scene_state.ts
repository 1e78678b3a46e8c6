/**
 * What the scene shows at a moment.
 * @module
 */
/// <reference lib="dom" />

/** What is to be seen. */
export interface SceneState {
  readonly frame: number;
  readonly view: number;
  /** Whether the scene is seen through the current camera. */
  readonly through: boolean;
  /** The current picture; none where it is not known. */
  readonly picture?: CanvasImageSource;
}
