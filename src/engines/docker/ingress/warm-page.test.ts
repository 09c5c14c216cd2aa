import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { warmPage } from "./warm-page.ts";

const SHEET = "/web/assets/9c45b52/web.assets_frontend.min.css";
const PROGRAM = "/web/assets/0f0f0f0/web.assets_frontend.min.js";
const PAGE = `<link rel="stylesheet" href="${SHEET}"/><script src="${PROGRAM}"></script>`;

/** Something that answers as told; what is not named is missing. */
async function answering(statuses: Readonly<Record<string, number>>): Promise<{ origin: string; asked: readonly string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(statuses[request.url ?? ""] ?? 404).end(request.url === "/web/login" ? PAGE : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test("every file that the first page names is asked for as well", async () => {
  const { origin, asked } = await answering({ "/web/login": 200, [SHEET]: 200, [PROGRAM]: 200 });
  expect(await warmPage(origin)).toBeUndefined();
  expect(asked).toEqual(["/web/login", SHEET, PROGRAM]);
});

test("a template is not warm while the page or one of its files does not come", async () => {
  const without = await answering({ "/web/login": 200, [SHEET]: 200, [PROGRAM]: 500 });
  expect(await warmPage(without.origin)).toBe(`500 for ${PROGRAM}`);
  const starting = await answering({ "/web/login": 503 });
  expect(await warmPage(starting.origin)).toBe("503 for /web/login");
  expect(await warmPage("http://127.0.0.1:9")).toBe("no answer for /web/login");
});
