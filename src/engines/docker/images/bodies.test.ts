import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const ADDONS = join(import.meta.dirname, "../../../../images/shared/addons");
/** What the application read of a body, or the status that it was refused with. */
const SCRIPT = `
import io, json, sys
sys.path.insert(0, ${JSON.stringify(ADDONS)})
from ballast_guard import bodies
told = json.loads(sys.argv[1])
seen = []
def application(self, environ, start_response):
    stream = environ["wsgi.input"]
    read = sum(iter(lambda: len(stream.read(1000)), 0))
    start_response("200 OK", [])
    seen.append(read)
    return []
places = bodies.Places(4 << 20)
places.take(told.get("taken", 0))
body = told["piece"].encode() * told["times"]
environ = {"CONTENT_TYPE": told["type"], "CONTENT_LENGTH": str(len(body) + told.get("more", 0)) if told["said"] else "", "wsgi.input": io.BytesIO(body)}
bodies.bounded(application, 8, places)(None, environ, lambda status, headers: status == "200 OK" or seen.append(status))
print(json.dumps([seen[0], len(body), places.take((4 << 20) - told.get("taken", 0))]))
`;
const able = spawnSync("python3", ["--version"]).status === 0;

function read(told: { type: string; piece: string; times: number; said?: boolean; taken?: number; more?: number }): unknown {
  const { stdout, stderr } = spawnSync("python3", ["-c", SCRIPT, JSON.stringify({ said: true, ...told })], { encoding: "utf8" });
  return stderr === "" ? JSON.parse(stdout) : stderr;
}

test.runIf(able)("bodies that take no more memory than they may are read whole, also large ones, which give their place back", () => {
  expect(read({ type: "application/json", piece: "[],", times: 1000 })).toEqual([3000, 3000, true]);
  expect(read({ type: "application/json; charset=utf-8", piece: "x", times: 3 << 20 })).toEqual([3 << 20, 3 << 20, true]);
  expect(read({ type: "application/x-www-form-urlencoded", piece: "a=b&", times: 1000 })).toEqual([4000, 4000, true]);
  expect(read({ type: "multipart/form-data; boundary=x", piece: "[,&", times: 4 << 20 })).toEqual([12 << 20, 12 << 20, true]);
});

test.runIf(able)("a body ends early where it has more parts than it may, or is long and did not say so", () => {
  const [json, form] = [
    read({ type: "application/json", piece: "[],", times: 1e6 }),
    read({ type: "application/x-www-form-urlencoded", piece: "a&", times: 1e5 }),
  ];
  // Of the parts that are allowed: two marks in three bytes, one in two.
  expect(json).toEqual([750_000, 3e6, true]);
  expect(form).toEqual([100_000, 2e5, true]);
  expect(read({ type: "text/plain", piece: "x", times: 2 << 20, said: false })).toEqual([1_048_000, 2 << 20, true]);
});

test.runIf(able)("a body whose sender leaves before its end reaches nobody", () => {
  expect(read({ type: "application/json", piece: "{", times: 1, more: 500_000 })).toEqual(["400 Bad Request", 1, true]);
});

test.runIf(able)("who finds no place among the large bodies that are being read is told so, and one that never fits is refused", () => {
  expect(read({ type: "application/json", piece: "x", times: 3 << 20, taken: 2 << 20 })).toEqual([
    "503 Service Unavailable",
    3 << 20,
    true,
  ]);
  expect(read({ type: "application/json", piece: "x", times: 3 << 20, taken: 1 << 20 })).toEqual([3 << 20, 3 << 20, true]);
  expect(read({ type: "application/json", piece: "x", times: 5 << 20 })).toEqual(["413 Content Too Large", 5 << 20, true]);
});
