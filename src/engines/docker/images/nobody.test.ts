import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const GUARD = join(import.meta.dirname, "../../../../images/shared/addons/ballast_guard");
/** A store of files as Odoo's: what is told of it is which files there are after some steps, and who is found by an id. */
const SCRIPT = `
import json, os, sys, tempfile
sys.path.insert(0, ${JSON.stringify(GUARD)})
import nobody

class Session(dict):
    def __init__(self, data, sid, new=False):
        super().__init__(data)
        self.sid, self.is_new = sid, new

class Files:
    session_class = Session
    def __init__(self, path):
        self.path = path
    def is_valid_key(self, key):
        return key != ""
    def new(self):
        return Session({}, "another", True)
    def get_session_filename(self, sid):
        return os.path.join(self.path, sid)
    def save(self, session):
        with open(self.get_session_filename(session.sid), "w") as file:
            json.dump(dict(session), file)
    def delete(self, session):
        try:
            os.unlink(self.get_session_filename(session.sid))
        except OSError:
            pass
    def get(self, sid):
        try:
            with open(self.get_session_filename(sid)) as file:
                return Session(json.load(file), sid)
        except OSError:
            return self.new()

with tempfile.TemporaryDirectory() as path:
    store = nobody.bounded(Files)(path)
    def save(sid, **content):
        store.save(Session(content, sid))
    def found(sid):
        session = store.get(sid)
        return None if session.is_new else dict(session)
    def files():
        own = sorted(name for name in os.listdir(path) if name != nobody.FOLDER)
        return [own, sorted(os.listdir(os.path.join(path, nobody.FOLDER)))]
    told = []
    exec(sys.stdin.read())
print(json.dumps(told))
`;
const able = spawnSync("python3", ["--version"]).status === 0;

function after(steps: string): unknown {
  const { stdout, stderr } = spawnSync("python3", ["-c", SCRIPT], { encoding: "utf8", input: steps });
  return stderr === "" ? JSON.parse(stdout) : stderr;
}

test.runIf(able)("sessions of nobody take so many places and no more, however many there are, and each finds its own or none", () => {
  expect(
    after(`
nobody.PLACES = 4
for n in range(1000): save("sid-%d" % n, db="acme", debug="1")
own, places = files()
told.append([own, len(places), len([n for n in range(1000) if found("sid-%d" % n) == {"db": "acme", "debug": "1"}])])
told.append([found("sid-0"), found("unknown")])
`),
  ).toEqual([
    [[], 4, 4],
    [null, null],
  ]);
});

test.runIf(able)("what is large is not kept of nobody, and of somebody it is", () => {
  expect(
    after(`
save("a", debug="1," * 30000)
save("b", uid=None, debug="1," * 3000)
save("c", uid=2, debug="1," * 30000)
told.append([found("a"), found("b"), len(found("c")["debug"]), files()])
`),
  ).toEqual([[null, null, 60_000, [["c"], []]]]);
});

test.runIf(able)("who signs out is nobody afterwards, and who signs in is somebody under the same id", () => {
  expect(
    after(`
save("a", uid=2); save("a", uid=None)
told.append(found("a"))
save("a", uid=2)
told.append(found("a"))
store.delete(Session({}, "a"))
told.append([found("a"), files()])
`),
  ).toEqual([{ uid: null }, { uid: 2 }, [null, [[], []]]]);
});

test.runIf(able)("whose place another has taken loses it no second time", () => {
  expect(
    after(`
nobody.PLACES = 1
save("a", db="acme"); save("b", db="acme"); store.delete(Session({}, "a"))
told.append([found("a"), found("b")])
`),
  ).toEqual([[null, { db: "acme" }]]);
});
