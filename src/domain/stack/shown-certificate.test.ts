import { expect, test } from "vitest";
import { judgeShown, nextRepair } from "./shown-certificate.ts";

const NAME = "any.example.com";

test("an ingress that shows the certificate in its files has no fault, however it is judged by clients, and what is not known is none", () => {
  expect(judgeShown("a", NAME, { answer: "certificate", fingerprint: "a", accepted: true })).toBeUndefined();
  expect(judgeShown("a", NAME, { answer: "certificate", fingerprint: "a", accepted: false })).toBeUndefined();
  expect(judgeShown("a", NAME, { answer: "unknown", because: "no answer within 5 s" })).toBeUndefined();
});

test("another certificate and none are faults; clients are refused by none, and by another where they do not accept it", () => {
  expect(judgeShown("a", NAME, { answer: "certificate", fingerprint: "b", accepted: true })).toEqual({
    because: "runs, and shows another certificate for any.example.com than it was given",
    closed: false,
  });
  expect(judgeShown("a", NAME, { answer: "certificate", fingerprint: "b", accepted: false })).toEqual({
    because: "runs, and shows another certificate for any.example.com than it was given: clients refuse it",
    closed: true,
  });
  expect(judgeShown("a", NAME, { answer: "none", because: "tlsv1 unrecognized name" })).toEqual({
    because: "runs, and shows no certificate for any.example.com: tlsv1 unrecognized name",
    closed: true,
  });
});

test("while its files are not what was written, only what clients refuse is a fault", () => {
  expect(judgeShown(undefined, NAME, { answer: "certificate", fingerprint: "a", accepted: true })).toBeUndefined();
  expect(judgeShown(undefined, NAME, { answer: "certificate", fingerprint: "a", accepted: false })).toMatchObject({ closed: true });
  expect(judgeShown(undefined, NAME, { answer: "none", because: "tlsv1 unrecognized name" })).toMatchObject({ closed: true });
});

test("its files are read again first; it is restarted only where that did not help and clients are refused anyway", () => {
  const repairs = [false, true].flatMap((closed) =>
    [false, true].flatMap((ownCertificates) =>
      [false, true].map((hasRead) => nextRepair({ because: "", closed }, { hasRead, ownCertificates })),
    ),
  );
  expect(repairs).toEqual(["read again", "report", "read again", "report", "read again", "restart", "read again", "report"]);
});
