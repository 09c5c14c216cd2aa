import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Access, replaceFile, replaceFileNow } from "./replace-file.ts";
import { readStateFile } from "./state-file.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const LIST = {
  form: "a list of names",
  read: (text: string) => (Array.isArray(JSON.parse(text)) ? (JSON.parse(text) as string[]) : undefined),
};

test("a state file is there, missing, or wrong with the reason", () => {
  const path = join(folder, "list.json");
  const told = (content: string | Uint8Array) => {
    writeFileSync(path, content);
    return readStateFile(path, LIST);
  };
  expect(readStateFile(path, LIST)).toEqual({ state: "missing" });
  expect(readStateFile(join(path, "below"), LIST)).toEqual({ state: "missing" });
  expect(told('["a"]\n')).toEqual({ state: "there", value: ["a"] });
  expect(told("")).toEqual({ state: "wrong", because: "is empty" });
  expect(told("\n")).toEqual({ state: "wrong", because: "is empty" });
  expect(told('["a')).toEqual({ state: "wrong", because: "is not a list of names" });
  expect(told("{}")).toEqual({ state: "wrong", because: "is not a list of names" });
  expect(told(new Uint8Array([0xff, 0xfe, 0x00]))).toEqual({ state: "wrong", because: "holds bytes that are no text" });
  expect(told('["\0"]')).toEqual({ state: "wrong", because: "holds bytes that are no text" });
  expect(told(" ".repeat(5 * 1024 * 1024))).toEqual({ state: "wrong", because: "has 5242880 bytes, more than any such file" });
  expect(readStateFile(folder, LIST)).toEqual({ state: "wrong", because: "is a folder" });
});

test.each([
  ["at once", async (path: string, text: string, mode: number) => replaceFileNow(path, text, { mode })],
  ["in the background", async (path: string, text: string, mode: number) => await replaceFile(path, text, { mode })],
])("a file that is replaced %s is whole, has its mode, and leaves nothing beside it", async (how, write) => {
  const place = join(folder, how.replaceAll(" ", "-"));
  mkdirSync(place);
  const path = join(place, "file");
  expect([await write(path, "one", 0o600), await write(path, "one", 0o600), await write(path, "two", 0o644)]).toEqual([true, false, true]);
  expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777, readdirSync(place)]).toEqual(["two", 0o644, ["file"]]);
});

test("a folder in the place of a file is moved aside, with what is in it", async () => {
  const path = join(folder, "taken");
  mkdirSync(path);
  writeFileSync(join(path, "kept"), "somebody's");
  expect(replaceFileNow(path, "ours", { mode: 0o600 })).toBe(true);
  const aside = readdirSync(folder).find((name) => name.startsWith("taken.not-a-file-")) ?? "";
  expect([readFileSync(path, "utf8"), readFileSync(join(folder, aside, "kept"), "utf8")]).toEqual(["ours", "somebody's"]);
});

test("where it cannot be written nothing is left behind, and the file stays as it was", async () => {
  const path = join(folder, "nowhere", "file");
  await expect(replaceFile(path, "text", { mode: 0o600 })).rejects.toThrow("ENOENT");
  expect(() => replaceFileNow(path, "text", { mode: 0o600 })).toThrow("ENOENT");
  chmodSync(folder, 0o700);
  expect(readdirSync(folder).filter((name) => name.includes(".making-"))).toEqual([]);
});

test.runIf(process.geteuid?.() === 0).each([
  ["at once", async (path: string, access: Access) => replaceFileNow(path, "secret", access)],
  ["in the background", async (path: string, access: Access) => await replaceFile(path, "secret", access)],
])("a file that is somebody else's is not as it should be: replaced %s it gets its owner", async (how, write) => {
  const path = join(folder, `owned ${how}`);
  const owned = { mode: 0o400, owner: { uid: 10_001, gid: 10_001 } };
  const wrote: (boolean | number)[] = [];
  const ofWhom = async (access: Access) => {
    wrote.push(await write(path, access));
    const { uid, gid } = statSync(path);
    wrote.push(uid, gid);
  };
  await ofWhom(owned);
  await ofWhom(owned);
  for (const [uid, gid] of [
    [0, 0],
    [10_001, 0],
    [0, 10_001],
  ] as const) {
    chownSync(path, uid, gid);
    await ofWhom(owned);
  }
  // What is this process's own is not left to somebody who had it before.
  await ofWhom({ mode: 0o400 });
  const put = [true, 10_001, 10_001];
  expect(wrote).toEqual([...put, false, 10_001, 10_001, ...put, ...put, ...put, true, 0, 0]);
});
