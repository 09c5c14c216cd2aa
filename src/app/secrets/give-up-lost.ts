/** Says to a control plane that starts, once, that what was in a lost key or store is given up. */
const GIVE_UP_LOST = "BALLAST_GIVE_UP_LOST";

/** The environment of a control plane: it is told to give something up by who asks for it now, never by what was asked before. */
export function environmentOf(env: NodeJS.ProcessEnv, giveUpLost: boolean): NodeJS.ProcessEnv {
  const { [GIVE_UP_LOST]: _, ...rest } = env;
  return giveUpLost ? { ...rest, [GIVE_UP_LOST]: "1" } : rest;
}

/** Whether it is told so; asked once, since what is lost later must be refused, also by this process when it starts over. */
export function takeGiveUpLost(env: NodeJS.ProcessEnv): boolean {
  const asked = env[GIVE_UP_LOST] === "1";
  delete env[GIVE_UP_LOST];
  return asked;
}
