/**
 * The start of the page of a clip that is being made.
 * @module
 */
/// <reference lib="dom" />
import { render } from "preact";
import type { LiveData } from "../../live_data.ts";
import { Live } from "./live.tsx";

const data = JSON.parse(document.getElementById("data")!.textContent!) as LiveData;
render(<Live data={data} />, document.getElementById("app")!);
