import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { age, duration } from "../../../static/js/pages/clocks.js";

const scenarios = JSON.parse(readFileSync(new URL("../../scenarios/durations.json", import.meta.url), "utf8"));

for (const [seconds, text] of scenarios.durations) {
  test(`a duration of ${seconds} seconds is written as the server writes it`, () => {
    assert.equal(duration(seconds), text);
  });
}

for (const [seconds, text] of scenarios.ages) {
  test(`an age of ${seconds} seconds is written as the server writes it`, () => {
    assert.equal(age(seconds), text);
  });
}
