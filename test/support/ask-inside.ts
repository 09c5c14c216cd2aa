/** One request through an ingress that only this process can reach. Argument: the door and the request as JSON. Prints the answer as JSON. */
import { type Door, requestThrough } from "../../src/adapters/http/through.ts";

const { door, request } = JSON.parse(process.argv[2] ?? "") as { door: Door; request: Parameters<typeof requestThrough>[1] };
process.stdout.write(JSON.stringify(await requestThrough(door, request)));
