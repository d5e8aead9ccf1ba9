import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { Publisher } from './bus-publisher.js';
import { Receiver } from './bus-receiver.js';
import type { BenchTopic, BenchTransport } from './bus-transport.js';

/** A command of a benchmark to one of its processes: a line of JSON. The answer is a line too. */
export type Command =
  | { readonly do: 'be-publisher' }
  | { readonly do: 'take-latencies' }
  | { readonly do: 'be-receiver'; readonly port: number }
  | ({ readonly do: 'publish'; readonly topic: BenchTopic; readonly until: Until } & Load)
  | { readonly do: 'receive'; readonly total: number }
  | { readonly do: 'ping-pong'; readonly milliseconds: number }
  | ({ readonly do: 'ask' } & Load);

export type Until = 'settled' | 'received';

type CommandOf<Name> = Extract<Command, { readonly do: Name }>;

type Commands = { readonly [Name in Command['do']]: (command: CommandOf<Name>) => unknown };

interface Load {
  readonly count: number;
  readonly milliseconds: number;
}

/** Connects this process to the benchmark, which listens on the port in `BENCH_CONTROL`. */
export async function joinBenchmark(transport: BenchTransport): Promise<void> {
  const publisher = new Publisher(transport);
  const receiver = new Receiver(transport);
  const commands: Commands = {
    'be-publisher': () => publisher.open(),
    'be-receiver': ({ port }) => receiver.open(port),
    publish: ({ topic, until, count, milliseconds }) =>
      until === 'settled'
        ? publisher.untilSettled(topic, count, milliseconds)
        : publisher.untilReceived(topic, count, milliseconds),
    receive: ({ total }) => receiver.all(total),
    'ping-pong': ({ milliseconds }) => publisher.pingPong(milliseconds),
    ask: ({ count, milliseconds }) => publisher.ask(count, milliseconds),
    'take-latencies': () => [...publisher.takeLatencies(), ...receiver.takeLatencies()],
  };
  const run = <Name extends Command['do']>(name: Name, command: CommandOf<Name>): unknown =>
    commands[name](command);
  const control = connect(Number(process.env['BENCH_CONTROL']), '127.0.0.1');
  await once(control, 'connect');
  // The connection to the benchmark does not keep this process alive.
  control.unref();
  createInterface({ input: control }).on('line', line => {
    const command = JSON.parse(line) as Command;
    const answer = async (): Promise<object> => ({ value: await run(command.do, command) });
    void answer()
      .catch((error: Error) => ({ error: error.stack }))
      .then(result => control.write(`${JSON.stringify(result)}\n`));
  });
}
