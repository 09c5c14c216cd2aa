import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const ADDONS = join(import.meta.dirname, "../../../../images/shared/addons");
/** So many ask at once, each for the same; how many were drawn at once at most, and how many were refused how. */
const SCRIPT = `
import collections, json, sys, threading, time
sys.path.insert(0, ${JSON.stringify(ADDONS)})
from ballast_guard import barcodes
path, query, count, wait = json.loads(sys.argv[1])
drawn, most, refused, lock = [0], [0], collections.Counter(), threading.Lock()
others_refused = threading.Event()
def application(self, environ, start_response):
    with lock:
        drawn[0] += 1
        most[0] = max(most[0], drawn[0])
    # Where nobody waits for long, those who draw do so until everybody else was refused.
    others_refused.wait(20) if wait < 1 and count > 4 else time.sleep(0.1)
    with lock:
        drawn[0] -= 1
    return []
bounded = barcodes.bounded(application, 4, wait)
def refuse(status, headers):
    with lock:
        refused.update([status])
        if refused.total() == count - 4:
            others_refused.set()
def ask():
    bounded(None, {"PATH_INFO": path, "QUERY_STRING": query}, refuse)
threads = [threading.Thread(target=ask) for _ in range(count)]
for one in threads: one.start()
for one in threads: one.join()
print(json.dumps([most[0], dict(refused)]))
`;
const able = spawnSync("python3", ["--version"]).status === 0;

function ask(path: string, { query = "", count = 1, wait = 30 } = {}): unknown {
  const { stdout, stderr } = spawnSync("python3", ["-c", SCRIPT, JSON.stringify([path, query, count, wait])], { encoding: "utf8" });
  return stderr === "" ? JSON.parse(stdout) : stderr;
}

test.runIf(able)("four barcodes are drawn at once, the others wait, and whoever waited for too long is told so", () => {
  expect(ask("/report/barcode/Code128/A", { count: 20 })).toEqual([4, {}]);
  expect(ask("/de/report/barcode", { query: "value=A", count: 20, wait: 0.01 })).toEqual([4, { "503 Service Unavailable": 16 }]);
  expect(ask("/web/login", { count: 20 })).toEqual([20, {}]);
});

test.runIf(able)("what is too long for a barcode is not drawn, wherever it stands", () => {
  expect(ask(`/report/barcode/QR/${"a".repeat(4000)}`)).toEqual([1, {}]);
  expect(ask(`/report/barcode/QR/${"a".repeat(4096)}`)).toEqual([0, { "414 URI Too Long": 1 }]);
  expect(ask("/report/barcode/", { query: `value=${"a".repeat(4096)}` })).toEqual([0, { "414 URI Too Long": 1 }]);
});
