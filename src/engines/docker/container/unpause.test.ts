import type Dockerode from "dockerode";
import { expect, test } from "vitest";
import type { Scope } from "../scope.ts";
import { unpause } from "./unpause.ts";

const refused = Object.assign(new Error("refused"), { statusCode: 500, json: { message: "cannot be let go on: freezer" } });

/** A Docker Engine that refuses to let a container go on, whose state then is this. */
function refusing(state: Partial<Dockerode.ContainerInspectInfo["State"]> | undefined): Pick<Scope, "docker" | "now"> {
  const container = {
    unpause: () => Promise.reject(refused),
    inspect: async () => {
      if (state === undefined) throw Object.assign(new Error("no such container"), { statusCode: 404 });
      return { State: state };
    },
  };
  return { docker: { getContainer: () => container } as unknown as Dockerode, now: () => 0 };
}

test("a container that stays held is a fault, and one that somebody else let go on is none", async () => {
  await expect(unpause(refusing({ Running: true, Paused: true }), "acme/production/odoo", "c1")).rejects.toThrow("freezer");
  await expect(unpause(refusing(undefined), "acme/production/odoo", "c1")).rejects.toThrow("freezer");
  await expect(unpause(refusing({ Running: true, Paused: false }), "acme/production/odoo", "c1")).resolves.toBeUndefined();
});
