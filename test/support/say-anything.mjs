// In a worker: sends invalid messages to its primary, at once and on SIGUSR2, and notes when all its questions are
// refused. With OTHER_PROTOCOL, workers of a reload believe that their primary has that version.
import cluster from 'node:cluster';

const KEY = 'nestjs-cluster';

const FIRST_ID = 1_000_000;

let id = FIRST_ID;

const question = (name, params) => ({ [KEY]: [{ question: name, id: id++, params }] });

function sayAnything() {
  const frames = [
    null,
    ...[null, 5, 'text', {}, [null], [5], [{ message: null }], [{ message: 5 }]].map(content => ({
      [KEY]: content,
    })),
    { [KEY]: [{ hello: null }] },
  ];
  frames.forEach(frame => process.send(frame));
}

function sayMore() {
  const messages = [
    { type: 'listening' },
    { type: 'heartbeat', vitals: { memory: '1' } },
    { type: 'left' },
    { type: 'client' },
    { type: 'offsets', offsets: null },
    { type: 'constructor' },
    { type: '\u001b[2J\nforged' },
  ];
  messages.forEach(message => process.send({ [KEY]: [{ message }] }));
  const questions = [
    ['execute', null],
    ['execute', {}],
    ['execute', { client: 'c', batch: { operations: [{ name: 'unknown' }] } }],
    ['recall', null],
    ['bus', { what: 'join' }],
    ['bus', null],
    ['scale', -5],
    ['leave', 5],
    ['overloaded', null],
    ['__proto__', null],
  ];
  let refused = 0;
  process.on('message', message => {
    const packets = message?.[KEY] ?? [];
    refused += packets.filter(({ answers, failed }) => answers >= FIRST_ID && failed).length;
    if (refused === questions.length) {
      refused = 0;
      console.log(`@${JSON.stringify({ what: 'refused', pid: process.pid })}`);
    }
  });
  questions.forEach(([name, params]) => process.send(question(name, params)));
}

if (cluster.isWorker) {
  sayAnything();
  process.on('SIGUSR2', () => {
    sayAnything();
    sayMore();
  });
  if (process.env.OTHER_PROTOCOL && process.env.CLUSTER_GENERATION !== '0') {
    process.env.CLUSTER_PROTOCOL = process.env.OTHER_PROTOCOL;
  }
}
