import { describe, expect, test } from "vitest";
import { type AnyNode, type Stack, specHash } from "../stack/node.ts";
import type { Observation, ObservedNode, Seen } from "../stack/observation.ts";
import { renameProblems, takesOverNothing } from "./rename.ts";

function dataOf(stack: string, pool = "everyone"): readonly [AnyNode, AnyNode] {
  const name = stack.replace("/", "_");
  const template = { to: `pool/${pool}/template`, as: "clone" } as const;
  const database = {
    id: `${stack}/database`,
    kind: "database",
    spec: { name, role: name },
    uses: [{ to: `pool/${pool}/postgres`, as: "sql" }, template],
    from: [],
  } as unknown as AnyNode;
  const filestore: AnyNode = { id: `${stack}/filestore`, kind: "filestore", spec: { database: name }, uses: [template], from: [] };
  return [database, filestore];
}

type StackView = Seen<ObservedNode> | AnyNode;

function seen(stack: string, ...observations: readonly (readonly [string, StackView])[]): Observation {
  const nodes = observations.map(([name, observation]): [string, Seen<ObservedNode>] => {
    if ("state" in observation) return [`${stack}/${name}`, observation];
    return [
      `${stack}/${name}`,
      { state: "present", at: 0, value: { declared: observation, hash: specHash(observation), condition: "serving", facts: {} } },
    ];
  });
  return { stack, at: 0, nodes: new Map(nodes) };
}

const absent = { state: "absent", at: 0 } as const;
const [database, filestore] = dataOf("new/production");
const [oldDatabase, oldFilestore] = dataOf("old/production");
const heir: Stack = { id: "new/production", role: "environment", nodes: [database, filestore], formerly: "old/production" };
const nothing = seen("new/production", ["database", absent], ["filestore", absent]);
const whole = seen("old/production", ["database", oldDatabase], ["filestore", oldFilestore]);
const said = (own: Observation, former: Observation, stack = heir) =>
  renameProblems({ heir: stack, own, former }).map(({ code, at, message }) => `${code} ${at} ${message}`);

describe("a rename", () => {
  test("of data that is whole onto nothing is carried out, again where it was begun, and again where it is done", () => {
    expect(said(nothing, whole)).toEqual([]);
    expect(
      said(seen("new/production", ["database", database], ["filestore", absent]), seen("old/production", ["filestore", oldFilestore])),
    ).toEqual([]);
    expect(said(seen("new/production", ["database", database], ["filestore", filestore]), seen("old/production"))).toEqual([]);
  });

  test("onto a name that has data is refused, part by part, before anything of it is moved", () => {
    expect(said(seen("new/production", ["database", database], ["filestore", filestore]), whole)).toEqual([
      "BAL-W027 new/production/database holds data of its own, and so does old/production/database, which it would take over",
      "BAL-W027 new/production/filestore holds data of its own, and so does old/production/filestore, which it would take over",
    ]);
  });

  test("onto a name under which somebody else's database stands is refused, with what that is", () => {
    const taken = {
      ...absent,
      instead: { says: "a database new_production without our label (7/1)", removal: "drop it", adoptable: true },
    };
    expect(said(seen("new/production", ["database", taken], ["filestore", absent]), whole)).toEqual([
      "BAL-W027 new/production/database cannot take over old/production/database: in its place is a database new_production without our label (7/1)",
    ]);
  });

  test("of what is lost, or of a part alone, is refused", () => {
    const gone = { state: "lost", since: 0, because: "held data since 2026-11-01 08:30Z and is gone", declared: oldDatabase } as const;
    expect(said(nothing, seen("old/production", ["database", gone], ["filestore", oldFilestore]))).toEqual([
      "BAL-W026 new/production/database takes over old/production/database, which held data since 2026-11-01 08:30Z and is gone",
    ]);
    expect(said(nothing, seen("old/production", ["database", oldDatabase]))).toEqual([
      "BAL-W027 new/production/filestore nothing of old/production/filestore is there, while other data of old/production is: it is not whole",
    ]);
  });

  test("into another pool at once is refused: the data would stay behind, and an empty copy would begin beside it", () => {
    const moved: Stack = { ...heir, nodes: dataOf("new/production", "other") };
    expect(said(nothing, whole, moved)).toEqual([
      "BAL-W027 new/production/database is renamed and moved at once (sql pool/everyone/postgres → pool/other/postgres): its data does not move by itself",
      "BAL-W027 new/production/filestore is renamed and moved at once (clone pool/everyone/template → pool/other/template): its data does not move by itself",
    ]);
  });

  test("is not judged by what is unknown", () => {
    const silent = { state: "unknown", since: 0, because: "PostgreSQL does not answer" } as const;
    expect(said(nothing, seen("old/production", ["database", silent], ["filestore", oldFilestore]))).toEqual([]);
  });

  test("of a name of which nothing is here is no mistake, and is known as such", () => {
    expect([said(nothing, seen("old/production")), takesOverNothing({ heir, own: nothing, former: seen("old/production") })]).toEqual([
      [],
      true,
    ]);
    expect(takesOverNothing({ heir, own: nothing, former: whole })).toBe(false);
  });
});
