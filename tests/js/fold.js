/** Folds the dashboard's store over frames: reads `{before, frames}` from the standard input, writes the state after. */

import { readFileSync, writeFileSync } from "node:fs";
import { apply, fromSnapshot } from "../../dashboard/static/dashboard/store.js";

const { before, frames } = JSON.parse(readFileSync(0, "utf8"));
const after = frames.reduce(apply, fromSnapshot(before));
writeFileSync(1, JSON.stringify(after));
