import type Dockerode from "dockerode";
import { expect, test } from "vitest";
import { conditionOf } from "./condition.ts";

function container(State: string, Status: string, kind = "postgres"): Dockerode.ContainerInfo {
  const Labels = { "ballast.kind": kind, "ballast.node": `pool/everyone/${kind}` };
  return { State, Status, Labels } as unknown as Dockerode.ContainerInfo;
}

test.each([
  [container("running", "Up 2 minutes (healthy)"), { condition: "serving" }],
  [container("running", "Up 2 seconds (health: starting)"), { condition: "serving", starting: true }],
  [container("running", "Up 2 minutes (unhealthy)"), { condition: "failing", because: "runs, and does not answer its health check" }],
  [container("paused", "Up 2 minutes (Paused)"), { condition: "stopped", because: "paused: somebody froze its processes" }],
  [container("restarting", "Restarting (1) 3 seconds ago"), { condition: "failing", because: "Restarting (1) 3 seconds ago" }],
  [container("exited", "Exited (137) 3 seconds ago"), { condition: "stopped", because: "Exited (137) 3 seconds ago" }],
  [container("exited", "Exited (64) 3 seconds ago", "odoo"), { condition: "stopped", because: "Exited (64) 3 seconds ago" }],
  [
    container("exited", "Exited (64) 3 seconds ago"),
    {
      condition: "stopped",
      because: "Exited (64) 3 seconds ago: it refused to start; its last lines say why: ballast logs pool/everyone/postgres",
    },
  ],
])("%#: what the list of containers says of one, and for a server that refused to start where the reason stands", (found, said) => {
  expect(conditionOf(found)).toEqual(said);
});
