import type { NodeId } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import { engineCall } from "../call.ts";
import { ownContainer } from "../observe/own-objects.ts";
import type { Scope } from "../scope.ts";
import { plainText } from "./log-frames.ts";

const SECONDS = 30;
const MOST_BYTES = 64 * 1024;

/** Runs a command in a running container of ours, and gives it a text to read: what is secret goes that way, where no list of processes shows it. */
export async function runInside(scope: Scope, node: NodeId, command: readonly string[], input: string): Promise<void> {
  const found = await ownContainer(scope, node);
  if (found === undefined) throw failure("BAL-E003", node, "is needed and not there");
  const container = scope.docker.getContainer(found.Id);
  const exec = await engineCall(node, () =>
    container.exec({ Cmd: [...command], AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: false }),
  );
  const stream = await engineCall(node, () => exec.start({ hijack: true, stdin: true }));
  const chunks: Buffer[] = [];
  let read = 0;
  const ended = new Promise<void>((resolve, reject) => {
    stream.on("data", (chunk: Buffer) => {
      read += chunk.length;
      if (read <= MOST_BYTES) chunks.push(chunk);
    });
    stream.on("end", resolve);
    stream.on("close", resolve);
    stream.on("error", reject);
    setTimeout(() => reject(failure("BAL-E002", node, `${command[0]} did not end within ${SECONDS} s`)), SECONDS * 1000).unref();
  });
  stream.end(input);
  try {
    await ended;
  } finally {
    stream.destroy();
  }
  const { ExitCode: code } = await engineCall(node, () => exec.inspect());
  if (code !== 0) throw failure("BAL-E007", node, `${command[0]} ended with code ${code}: ${plainText(Buffer.concat(chunks)).slice(-500)}`);
}
