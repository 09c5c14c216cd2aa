import { expect, test } from "vitest";
import { remedyFor } from "./fleet-in-remedies.ts";

test.each([
  ["ballast why CODE tells about a rule", "ballast why --fleet beta CODE tells about a rule"],
  ["follow it: ./ballast operations op-1", "follow it: ./ballast operations --fleet beta op-1"],
  [
    "see whether the machine answers: ballast status; then ask again",
    "see whether the machine answers: ballast status --fleet beta; then ask again",
  ],
  ["bring it up again: ./ballast up", "bring it up again: ./ballast up --fleet beta"],
  ["the control plane ended (ballast up)", "the control plane ended (ballast up --fleet beta)"],
  ["ballast up FOLDER starts it again", "ballast up FOLDER starts it again"],
  ["./ballast up beta", "./ballast up beta"],
  ["ballast down --fleet beta --delete-data", "ballast down --fleet beta --delete-data"],
  ["see whether dockerd runs: ballast doctor", "see whether dockerd runs: ballast doctor"],
  ["its log: /var/lib/ballast up to now", "its log: /var/lib/ballast up to now"],
])("where several fleets are, %s is said as %s", (text, said) => {
  expect(remedyFor("beta", text)).toBe(said);
  expect(remedyFor(undefined, text)).toBe(text);
});

test("a folder with a space in its name can be typed as it is said", () => {
  expect(remedyFor("my fleets/it's", "./ballast why a/production")).toBe("./ballast why --fleet 'my fleets/it'\\''s' a/production");
});
