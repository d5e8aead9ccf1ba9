import type { Io } from '../../../src/cli/io.interface.js';

/** The world of a command: it notes what is printed, and does not wait. */
export class FakeIo implements Io {
  readonly env: NodeJS.ProcessEnv = {};
  readonly places = ['/srv/shop'];
  isTerminal = false;
  isNoteTerminal = false;
  printed = '';
  noted = '';
  /** The times in ms that the command has waited. */
  readonly waits: number[] = [];
  readonly quitListeners = new Set<() => void>();

  readonly rows = () => 24;
  readonly print = (text: string): void => void (this.printed += text);
  readonly note = (text: string): void => void (this.noted += text);
  readonly now = () => 0;
  readonly wait = async (milliseconds: number): Promise<void> => {
    this.waits.push(milliseconds);
  };
  readonly onQuit = (listener: () => void): (() => void) => {
    this.quitListeners.add(listener);
    return () => this.quitListeners.delete(listener);
  };

  /** The user presses `q`. */
  quit(): void {
    this.quitListeners.forEach(listener => listener());
  }
}
