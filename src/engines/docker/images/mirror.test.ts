import { expect, test } from "vitest";
import { pickMirrors } from "./mirror.ts";

test("the archives are told apart by the label that they give themselves", () => {
  const output =
    "Debian-Security http://proxy.test/sec\nDebian http://proxy.test/repository/deb-cache/\nDebian http://proxy.test/repository/deb-cache/\nDocker CE http://docker.test/debian/\n";
  expect(pickMirrors(output)).toEqual({ main: "http://proxy.test/repository/deb-cache/", security: "http://proxy.test/sec/" });
});

test("where apt knows no label, the end of the path decides", () => {
  expect(pickMirrors(" http://a.test/debian/\n http://a.test/debian-security/\n http://b.test/ubuntu/\n")).toEqual({
    main: "http://a.test/debian/",
    security: "http://a.test/debian-security/",
  });
  expect(pickMirrors("https://a.test/debian\n")).toEqual({ main: "https://a.test/debian/" });
});

test("of several mirrors the choice does not depend on their order", () => {
  expect(pickMirrors("Debian http://b.test/debian/\nDebian http://a.test/debian/")).toEqual(
    pickMirrors("Debian http://a.test/debian/\nDebian http://b.test/debian/"),
  );
});

test("a machine without Debian sources has no Debian mirror, and local files or odd addresses are none", () => {
  expect(pickMirrors("")).toBeUndefined();
  expect(pickMirrors("Ubuntu http://archive.test/ubuntu/")).toBeUndefined();
  expect(pickMirrors("Debian file:/media/debian/\nDebian http://a.test/$(id)/debian/")).toBeUndefined();
});
