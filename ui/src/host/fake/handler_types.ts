/** The types of the fake app's answers, derived from the generated commands: a missing or wrong handler is a type error. */
import type { Commands } from "../commands";

/** The name of a command. */
export type CommandName = keyof Commands;
type Answer<T> = [T] extends [null | undefined] ? unknown : T | Promise<T>;
/** One handler per command, with the command's own arguments and answer. */
export type Handlers = { [Name in CommandName]: (...args: Parameters<Commands[Name]>) => Answer<Awaited<ReturnType<Commands[Name]>>> };
