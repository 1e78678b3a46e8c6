/**
 * The gallery's start.
 * @module
 */
/// <reference lib="dom" />
import { render } from "preact";
import type { GalleryData } from "../../gallery_data.ts";
import { Gallery } from "./gallery.tsx";

const data = JSON.parse(document.getElementById("data")!.textContent!) as GalleryData;
render(<Gallery data={data} />, document.getElementById("app")!);
