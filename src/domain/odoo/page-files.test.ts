import { expect, test } from "vitest";
import { filesOf } from "./page-files.ts";

test("a page's style sheets and programs are named once each, in its order, and nothing else is", () => {
  const page = `<link rel="shortcut icon" href="/web/static/img/favicon.ico"/>
    <link type="text/css" rel="stylesheet" href="/web/assets/9c45b52/web.assets_frontend.min.css"/>
    <script src="/web/assets/0f0f0f0/web.assets_frontend_minimal.min.js"></script>
    <script defer="defer" data-src="/web/assets/1a2b3c4/web.assets_frontend_lazy.min.js"></script>
    <link rel="preload" href="/web/assets/9c45b52/web.assets_frontend.min.css"/>
    <script src="https://elsewhere.example/web/assets/x.js"></script>`;
  expect(filesOf(page)).toEqual([
    "/web/assets/9c45b52/web.assets_frontend.min.css",
    "/web/assets/0f0f0f0/web.assets_frontend_minimal.min.js",
    "/web/assets/1a2b3c4/web.assets_frontend_lazy.min.js",
  ]);
  expect(filesOf('<link href="/web/content/210-abc/web.assets_common.css"/>')).toEqual(["/web/content/210-abc/web.assets_common.css"]);
  expect(filesOf("<p>no page of Odoo</p>")).toEqual([]);
});
