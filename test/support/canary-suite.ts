import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { canariesOf, dockerSays, dumpedMemory, filesHolding, filesOf, found, processesOf } from "./canaries.ts";
import type { LaunchedFleet } from "./launched-fleet.ts";
import { storeDump } from "./postgres-probe.ts";

/** What is secret in a fleet, searched for everywhere that somebody else may look. The fleet must be up. */
export function canarySuite(fleet: LaunchedFleet, environment: string): void {
  const { installation } = fleet;

  test("not in what Docker says: labels, environment, arguments, logs, images", async () => {
    const canaries = await canariesOf(installation);
    expect(canaries.size).toBeGreaterThan(15);
    const haystacks = await dockerSays(fleet.name);
    expect(haystacks.length).toBeGreaterThan(40);
    expect(found(canaries, haystacks)).toEqual([]);
  });

  test("not in what the command line and the API answer", async () => {
    const canaries = await canariesOf(installation);
    const first = JSON.parse((await fleet.ballast("operations", fleet.folder, "--json")).out) as { items: { id: string }[] };
    const asked = [
      ["plan", fleet.folder, "--json"],
      ["status", fleet.folder, "--json"],
      ["operations", fleet.folder, "--json"],
      ["operations", fleet.folder, first.items?.[0]?.id ?? "", "--json"],
      ["why", fleet.folder, environment, "--json"],
      ["explain", fleet.folder, environment, "--json"],
      ["graph", fleet.folder, "--format", "json"],
      ["logs", fleet.folder, environment, "--tail", "1000", "--json"],
      ["doctor", "--json"],
    ];
    const haystacks = [];
    for (const words of asked) {
      const ran = await fleet.ballast(...words);
      haystacks.push({ place: `ballast ${words[0]}`, text: ran.out + ran.err });
    }
    const { url } = JSON.parse(readFileSync(installation.serverFile, "utf8")) as { url: string };
    for (const path of ["/v1/health", "/v1/status", "/v1/operations", "/v1/openapi.json"]) {
      const headers = { authorization: `bearer ${readFileSync(installation.tokenFile, "utf8").trim()}` };
      haystacks.push({ place: path, text: await (await fetch(`${url}${path}`, { headers })).text() });
    }
    expect(haystacks.every((one) => one.text.length > 2)).toBe(true);
    expect(found(canaries, haystacks)).toEqual([]);
  });

  test("not in the rows of the store, its files, the log, or the environment of a process; and a crash would write no memory to disk", async () => {
    const canaries = await canariesOf(installation);
    const rows = { place: "rows of the store", text: await storeDump(installation.postgres) };
    const haystacks = [rows, ...filesOf(installation), ...processesOf(installation)];
    // What is sealed, and what workflows keep of their steps, is among them.
    expect([rows.text.includes("role-password"), rows.text.includes("decide ")]).toEqual([true, true]);
    expect(haystacks.map((one) => one.place)).toContain(installation.logFile);
    expect(found(canaries, haystacks)).toEqual([]);
    for (const secret of canaries.values()) expect(filesHolding(join(installation.postgres, "data"), secret)).toEqual([]);
    expect(dumpedMemory(installation)).toBe("00000000");
  });

  test("and a secret that is put there on purpose is found, so that the search is worth something", async () => {
    const canaries = await canariesOf(installation);
    const [[name, secret] = ["", ""]] = canaries;
    for (const text of [secret, Buffer.from(secret).toString("hex"), Buffer.from(secret).toString("base64")]) {
      expect(found(canaries, [{ place: "a text", text: `before ${text} after` }])).toEqual([`${name} in a text`]);
    }
    expect(filesHolding(installation.root, secret)).toEqual([installation.keyFile]);
  });
}
