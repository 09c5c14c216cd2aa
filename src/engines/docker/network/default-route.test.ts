import { expect, test } from "vitest";
import { defaultGateway } from "./default-route.ts";

const HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";

test("the gateway of what is for no network of a container is read from the kernel's table", () => {
  const own = "eth0\tE041D50A\t00000000\t0001\t0\t0\t0\tE0FFFFFF\t0\t0\t0";
  const out = "eth1\t00000000\tE1AFD50A\t0003\t0\t0\t0\t00000000\t0\t0\t0";
  expect([defaultGateway([HEAD, own, out, ""].join("\n")), defaultGateway([HEAD, own, ""].join("\n")), defaultGateway("")]).toEqual([
    "10.213.175.225",
    undefined,
    undefined,
  ]);
});
