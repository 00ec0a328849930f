import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { quotedForShell } from "../../../static/js/pages/run_form.js";

for (const text of ["plain", "it's", `"a" & $HOME; \`x\``, "two\nlines", "back\\slash", "''"]) {
  test(`a shell reads ${JSON.stringify(text)} back as it was`, () => {
    const read = execFileSync("sh", ["-c", `printf %s ${quotedForShell(text)}`], { encoding: "utf8" });
    assert.equal(read, text);
  });
}
