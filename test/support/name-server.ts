import { createSocket } from "node:dgram";

/** Run in a network namespace: answers on port 53 of an address that each of some names leads to this address, and that there are no others. */
const [address = "", ...names] = process.argv.slice(2);

const HEADER_BYTES = 12;
const TYPE_A = 1;
const NO_ERROR = 0x8580;
const NO_SUCH_NAME = 0x8583;

/** The name in the first question, and where the question ends; there is no compression in it (RFC 1035, 4.1.2). */
function readQuestion(message: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

function answerTo(message: Buffer): Buffer {
  const { name, type, end } = readQuestion(message);
  const known = names.includes(name);
  const has = known && type === TYPE_A;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(message.readUInt16BE(0), 0);
  header.writeUInt16BE(known ? NO_ERROR : NO_SUCH_NAME, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(has ? 1 : 0, 6);
  const question = message.subarray(HEADER_BYTES, end);
  // A pointer to the name of the question, type A, class IN, one second, four bytes.
  const record = Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split(".").map(Number)]);
  return Buffer.concat(has ? [header, question, record] : [header, question]);
}

const socket = createSocket("udp4", (message, from) => {
  try {
    socket.send(answerTo(message), from.port, from.address);
  } catch {
    // No question: nobody is owed an answer.
  }
});
socket.bind(53, address, () => process.stdout.write("ready\n"));
