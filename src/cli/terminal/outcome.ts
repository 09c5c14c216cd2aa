import type { Exit } from "../exit.ts";
import type { CliContext } from "../port.ts";
import type { Answers, VerbName } from "./json.ts";
import type { Colours } from "./style.ts";

/** What a command found: for people, for programs, and for the shell. */
export interface Outcome<V extends VerbName> {
  readonly exit: Exit;
  /** Without the last line end. Empty where there is nothing to say. */
  readonly text: string;
  readonly data: Answers[V];
}

/** One call of a command, as its action sees it. */
export interface Invocation<O extends object = object> {
  readonly context: CliContext;
  readonly words: readonly string[];
  readonly options: O & CommonOptions;
  readonly say: Say;
}

export interface CommonOptions {
  readonly json?: boolean;
  readonly plain?: boolean;
  readonly fleet?: string;
}

/** How a command speaks while it works. The outcome is printed for it. */
export interface Say {
  readonly json: boolean;
  readonly plain: boolean;
  /** Colours of stdout. */
  readonly colours: Colours;
  /** Colours of stderr. */
  readonly progressColours: Colours;
  /** Whether stdout is read by a person: tables are aligned then. */
  readonly aligned: boolean;
  /** Columns of the terminal behind stdout; missing where there is none. */
  readonly columns?: number;
  /** What names the fleet of this command in remedies; undefined where commands find it unnamed. Asked for where there is a remedy: it takes a look around. */
  fleet?: () => Promise<string | undefined>;
  /** A line of progress, on stderr. */
  note(line: string): void;
  /** A part of the answer before its end, on stdout: a line for people, or one of NDJSON. */
  line(text: string, data: object): void;
}

export type Action<O extends object, V extends VerbName> = (invocation: Invocation<O>) => Promise<Outcome<V>>;
