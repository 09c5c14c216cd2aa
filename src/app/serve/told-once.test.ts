import { expect, test } from "vitest";
import { toldOnce } from "./told-once.ts";

test("a fault that lasts is told once, another one too, and the first again once it was over", () => {
  const heard: string[] = [];
  const told = toldOnce((error) => heard.push((error as Error).message));
  for (const words of ["away", "away", "slow", "slow"]) told.fault(new Error(words));
  told.over();
  told.fault(new Error("slow"));
  expect(heard).toEqual(["away", "slow", "slow"]);
});
