import { readFileSync } from "node:fs";
import type Dockerode from "dockerode";
import { expect, test } from "vitest";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { execute } from "./docker-bench.ts";
import type { LaunchedFleet } from "./launched-fleet.ts";

interface Box {
  readonly node: string;
  readonly kind: string;
  readonly stack: string;
  readonly pid: number;
  readonly words: readonly string[];
  readonly container: Dockerode.Container;
}

/** An address in a network of the fleet: whose network it is, and who has the address there; nobody where it is the machine itself. */
interface Place {
  readonly network: string;
  readonly box: Box | undefined;
}

/** Where each kind keeps the names of those to whom it opens connections. */
const CONFIGS: Readonly<Record<string, string>> = {
  odoo: "/etc/ballast/odoo.conf",
  pooler: "/etc/ballast/pgbouncer.ini",
  ingress: "/etc/ballast/ingress",
};
const HOST = /(?:\bhost\s*=\s*|(?:db|listen)_host\s*=\s*|http:\/\/)([a-z][a-z0-9.-]*)/g;

async function boxesOf(fleet: LaunchedFleet): Promise<{ boxes: readonly Box[]; places: ReadonlyMap<string, Place> }> {
  const docker = dockerClient();
  const filters = { label: [`ballast.fleet=${fleet.name}`] };
  const stacks = new Map((await docker.listNetworks({ filters })).map(({ Name, Labels }) => [Name, Labels?.["ballast.stack"] ?? ""]));
  const places = new Map<string, Place>();
  const boxes: Box[] = [];
  for (const one of await docker.listContainers({ filters: { label: [...filters.label, "ballast.node"] } })) {
    const container = docker.getContainer(one.Id);
    const { State: state, Args: words } = await container.inspect();
    const [node = "", kind = "", stack = ""] = ["node", "kind", "stack"].map((name) => one.Labels[`ballast.${name}`]);
    const box = { node, kind, stack, pid: state.Pid, words, container };
    boxes.push(box);
    for (const [name, { IPAddress, Gateway }] of Object.entries(one.NetworkSettings.Networks)) {
      places.set(IPAddress, { network: stacks.get(name) ?? name, box });
      if (Gateway !== "") places.set(Gateway, { network: stacks.get(name) ?? name, box: undefined });
    }
  }
  return { boxes, places };
}

/** A network carries what one of its own stack's says or hears; what two others say to each other there is not its own. */
function crosses(from: Box, place: Place): boolean {
  if (from.stack === place.box?.stack) return place.network !== from.stack;
  return place.network !== from.stack && place.network !== place.box?.stack;
}

function told(from: Box, { network, box }: Place): string {
  return `${from.node} → ${box?.node ?? "the machine"} in the network of ${network}`;
}

/** Remote addresses of the established connections of a container. */
function connectionsOf({ pid }: Box): readonly string[] {
  const lines = readFileSync(`/proc/${pid}/net/tcp`, "utf8").split("\n").slice(1);
  return lines.flatMap((line) => {
    const [, , remote = "", state] = line.trim().split(/\s+/);
    if (state !== "01") return [];
    const bytes = remote.slice(0, 8).match(/../g) ?? [];
    return [
      bytes
        .reverse()
        .map((byte) => Number.parseInt(byte, 16))
        .join("."),
    ];
  });
}

async function namesUsedBy(box: Box): Promise<readonly string[]> {
  const config = CONFIGS[box.kind];
  const { out } = config === undefined ? { out: "" } : await execute(dockerClient(), box.container, ["grep", "-rh", "", config]);
  const text = [out.toString(), ...box.words].join("\n");
  return [...new Set([...text.matchAll(HOST)].map((match) => match[1] as string))].filter((name) => name !== "localhost");
}

/** What crosses the networks of a fleet that is up and has just been used. */
export function crossingSuite(fleet: LaunchedFleet): void {
  test("every name that a container uses is answered from the network of whoever asks or is asked, never from a third one", async () => {
    const { boxes, places } = await boxesOf(fleet);
    const wrong: string[] = [];
    const answered: string[] = [];
    for (const box of boxes) {
      for (const name of await namesUsedBy(box)) {
        const { out } = await execute(dockerClient(), box.container, ["getent", "ahostsv4", name]);
        const found = [...new Set(out.toString().match(/^[\d.]+/gm))].map((address) => places.get(address));
        if (found.length === 0) wrong.push(`${box.node} asks for ${name}, and nobody answers`);
        for (const place of found) {
          if (place === undefined || crosses(box, place)) wrong.push(place === undefined ? `${box.node} ${name}` : told(box, place));
          else answered.push(`${box.kind} → ${place.box?.kind}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    // The same way of looking finds the names that there must be.
    expect([...new Set(answered)]).toEqual(
      expect.arrayContaining(["pooler → postgres", "odoo → pooler", "odoo → postgres", "ingress → odoo"]),
    );
  });

  test("no connection crosses the network of a stack to which neither end belongs", async () => {
    const { boxes, places } = await boxesOf(fleet);
    const open = boxes.flatMap((box) => connectionsOf(box).flatMap((address) => ({ box, place: places.get(address) })));
    const known = open.flatMap(({ box, place }) => (place === undefined ? [] : [{ box, place }]));
    expect([...new Set(known.filter(({ box, place }) => crosses(box, place)).map(({ box, place }) => told(box, place)))]).toEqual([]);
    const kinds = new Set(known.map(({ box, place }) => `${box.kind} → ${place.box?.kind}`));
    expect([...kinds]).toEqual(expect.arrayContaining(["pooler → postgres", "odoo → pooler"]));
  });
}
