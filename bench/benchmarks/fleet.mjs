import {
  EVENTS,
  REPLACED,
  REPLACED_EARLY,
  Simulation,
  WORKERS_PER_HOST,
} from '../fleet/simulation.mjs';

/** What is simulated, and the seconds that this may take at most, so that all of it ends on a busy machine, too. */
const SETUPS = [
  { name: 'one Redis server', masters: 1, hosts: 100, seconds: 70 },
  { name: 'one Redis server', masters: 1, hosts: 1_000, seconds: 190 },
  { name: 'Redis Cluster of 3', masters: 3, hosts: 1_000, seconds: 170 },
];

/**
 * What a fleet costs its Redis server: stand-ins of hosts with 8 workers each, on one machine.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function fleet(progress) {
  const rows = [];
  const bent = [];
  for (const { name, ...setup } of SETUPS) {
    const title = `${name}, ${setup.hosts} hosts`;
    const measured = await measure(title, setup, progress);
    rows.push(...measured.rows);
    bent.push(...measured.bent.map(what => `${title}: ${what}.`));
  }
  return {
    title: `the busiest Redis server of a fleet, ${WORKERS_PER_HOST} workers on each host`,
    notes: [
      'CPU: CPU time of the server. Share: CPU time ÷ time, over 6 s. Wait: the longest time in which the server did not answer a PING.',
      `Outages: ${REPLACED_EARLY} workers are replaced while the others have no connection. CPU of the stand-ins: that of all processes that simulate workers, which share the cores with the server.`,
      'Real: the servers, a connection for each worker to each server, and the commands and scripts of this package. Modelled: the workers, thousands in a process, which keep no list of members.',
      ...bent,
    ],
    rows,
  };
}

async function measure(title, { hosts, masters, seconds }, progress) {
  const simulation = await Simulation.start(hosts, masters, 1_000 * seconds);
  const rows = [];
  const bent = [];
  let now = '';
  const row = (name, unit, value) =>
    rows.push({ name: `${title}: ${name}`, unit, values: [value].flat() });
  const cost = (name, { cpu, wait }) => {
    row(`${name}, CPU`, 'ms', cpu);
    row(`${name}, wait`, 'ms', wait);
  };
  const share = (name, { cpu, milliseconds }) => row(name, '%', (100 * cpu) / milliseconds);
  const step = name => {
    now = name;
    progress(`${title}: ${name}`);
  };
  try {
    step('connect');
    await simulation.connect();
    const { memory, clients } = await simulation.facts();
    row('connections', '', clients);
    row('memory of the server', 'MB', memory / 1e6);
    step('agents');
    cost('all agents join', await simulation.form());
    share('share of records and leases', await simulation.rest());
    row('fleet()', 'ms', (await simulation.readFleet()).milliseconds);
    step('elections');
    await simulation.stand();
    share('with an election in which all workers stand', await simulation.rest());
    row('a new leader', 'ms', await simulation.elections());
    step('all join');
    await simulation.joinAll();
    share('with all workers on the bus', await simulation.rest());
    step('replace');
    const { cpu, sent, wait } = await simulation.replace();
    row('a worker on the bus is replaced, CPU', 'ms', cpu / REPLACED);
    row('… bytes to all others', 'MB', sent / REPLACED / 1e6);
    row('… wait, 16 at the same time', 'ms', wait);
    step('events');
    const events = await simulation.events();
    row('an event to all, CPU', 'ms', events.cpu / EVENTS);
    row('an event to all', 'ms', events.milliseconds / EVENTS);
    row('connections that the server has closed', '', await simulation.closed());
    for (const isDataLost of [false, true]) {
      const what = `all come back after an outage${isDataLost ? ' in which the data was lost' : ''}`;
      step(what);
      const back = await simulation.comeBack(isDataLost);
      cost(what, back);
      row(`${what}, until all know each other`, 's', back.milliseconds / 1_000);
      row(`${what}, bytes`, 'MB', back.sent / 1e6);
      row(`${what}, CPU of the stand-ins`, 'ms', back.simulation);
    }
  } catch (error) {
    // What works with fewer hosts is measured, and where it bends is a result. The state of the fleet is unknown then.
    bent.push(`${now}: ${/** @type {Error} */ (error).message}`);
  } finally {
    await simulation.stop();
  }
  return { rows, bent };
}
