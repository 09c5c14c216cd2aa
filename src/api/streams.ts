import type { ServerResponse } from "node:http";
import { failure } from "../kernel/problem.ts";

/** Counts the answers without an end. */
export interface Streams {
  /** Begins one, unless there are too many; `end` is called once, however it ends. */
  begin(): { readonly end: () => void };
}

export function countedStreams(most: number): Streams {
  let open = 0;
  return {
    begin() {
      if (open >= most)
        throw failure("BAL-A032", "api", `${open} streams of events and logs are open; more are not opened`, {
          hint: "end some of the commands that follow an operation or a log",
        });
      open += 1;
      let ended = false;
      return {
        end() {
          if (!ended) open -= 1;
          ended = true;
        },
      };
    },
  };
}

/** Writes a piece, and waits until the reader has taken what it was sent before: one who does not read must not fill this process's memory. */
export async function writePaced(raw: ServerResponse, text: string): Promise<void> {
  if (raw.destroyed || raw.write(text)) return;
  await new Promise<void>((resolve) => {
    const on = () => {
      raw.off("drain", on);
      raw.off("close", on);
      resolve();
    };
    raw.on("drain", on);
    raw.on("close", on);
  });
}
