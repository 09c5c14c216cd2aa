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
READERS = {
    "pieces": lambda stream: sum(iter(lambda: len(stream.read(1000)), 0)),
    "read": lambda stream: len(stream.read()),
    "said": lambda stream: len(stream.read(int(environ["CONTENT_LENGTH"]))),
    "read1": lambda stream: sum(iter(lambda: len(stream.read1()), 0)),
    "readall": lambda stream: len(getattr(stream, "readall", stream.read)()),
    "readinto": lambda stream: stream.readinto(bytearray(len(body))),
    "readline": lambda stream: len(stream.readline()),
    "readlines": lambda stream: sum(map(len, stream.readlines())),
    "lines": lambda stream: sum(map(len, stream)),
}
class Sent(io.BytesIO):
    most = 0
    def told(self, data):
        self.most = max(self.most, len(data))
        return data
    def read(self, *size):
        return self.told(super().read(*size))
    def read1(self, *size):
        return self.told(super().read1(*size))
    def readline(self, *size):
        return self.told(super().readline(*size))
    def readlines(self, *size):
        return [self.told(line) for line in super().readlines(*size)]
def application(self, environ, start_response):
    stream = environ["wsgi.input"]
    read = READERS[told["by"]](stream)
    start_response("200 OK", [])
    seen.append(read)
    return []
places = bodies.Places(4 << 20)
places.take(told.get("taken", 0))
body = told["piece"].encode() * told["times"]
environ = {"CONTENT_TYPE": told["type"], "CONTENT_LENGTH": str(len(body) + told.get("more", 0)) if told["said"] else "", "wsgi.input": Sent(body)}
sent = environ["wsgi.input"]
bodies.bounded(application, 8, places)(None, environ, lambda status, headers: status == "200 OK" or seen.append(status))
print(json.dumps([seen[0], len(body), places.take((4 << 20) - told.get("taken", 0))] + ([sent.tell(), sent.most] if told["asked"] else [])))
`;
const able = spawnSync("python3", ["--version"]).status === 0;

interface Told {
  readonly type: string;
  readonly piece: string;
  readonly times: number;
  readonly said?: boolean;
  readonly taken?: number;
  readonly more?: number;
  readonly by?: string;
  /** Also how much was read of what was sent, and how much of it at once. */
  readonly asked?: boolean;
}

function read(told: Told): unknown {
  const words = JSON.stringify({ said: true, by: "pieces", asked: false, ...told });
  const { stdout, stderr } = spawnSync("python3", ["-c", SCRIPT, words], { encoding: "utf8" });
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

const WAYS = ["read", "said", "read1", "readall", "readinto", "readline", "readlines", "lines"];
const PIECE = 64 << 10;

test.runIf(able).each(WAYS)("however a body is read (%s), all of it comes, and a piece of it at once", (by) => {
  const large = { type: "application/json", piece: "x".repeat(1023), times: 3 << 10, by, asked: true };
  expect(read(large)).toEqual([1023 * (3 << 10), 1023 * (3 << 10), true, 1023 * (3 << 10), PIECE]);
});

test.runIf(able).each(WAYS)("however a body is read (%s), no more than a piece of it comes before there is a place for it", (by) => {
  const large = { type: "application/json", piece: "x", times: 3 << 20, taken: 2 << 20, by, asked: true };
  expect(read(large)).toEqual(["503 Service Unavailable", 3 << 20, true, (2 << 20) + PIECE, PIECE]);
});

test.runIf(able).each(WAYS.filter((by) => by !== "said"))("however a body is read (%s), one that does not say its length ends", (by) => {
  const unsaid = { type: "text/plain", piece: "x", times: 2 << 20, said: false, by, asked: true };
  const inPieces = by === "read1" ? 1 << 20 : 0;
  expect(read(unsaid)).toEqual([inPieces, 2 << 20, true, (1 << 20) + PIECE, PIECE]);
});

test.runIf(able)("a body is read by its lines, also where one is longer than a piece", () => {
  for (const by of ["readlines", "lines"]) {
    expect(read({ type: "text/csv", piece: `${"x".repeat(99)}\n`, times: 20_000, by })).toEqual([2e6, 2e6, true]);
  }
  expect(read({ type: "text/csv", piece: `${"x".repeat(99)}\n`, times: 20_000, by: "readline" })).toEqual([100, 2e6, true]);
  expect(read({ type: "text/csv", piece: `${"x".repeat(99_999)}\n`, times: 20, by: "readline" })).toEqual([100_000, 2e6, true]);
});
