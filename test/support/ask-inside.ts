/** One request through an ingress that only this process can reach. Argument: a file with the door and the request as JSON. Prints the answer as JSON. */
import { readFileSync } from "node:fs";
import { type Door, requestThrough } from "../../src/adapters/http/through.ts";

const { door, request } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as {
  door: Door;
  request: Parameters<typeof requestThrough>[1];
};
process.stdout.write(JSON.stringify(await requestThrough(door, request)));
