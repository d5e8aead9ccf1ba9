import { io } from 'socket.io-client';
import { setText } from './dom.js';
import { clock, count } from './format.js';
import { tell } from './timeline.js';

const presence = document.querySelector('#presence');
const people = document.querySelector('#visitors [data-field="people"]');
const ran = document.querySelector('#job [data-field="ran"]');

/** Connects with the default settings of Socket.IO: long polling first, then a WebSocket. */
export function meet() {
  const socket = io();
  socket.on('presence', showVisitors);
  socket.on('job', showJob);
  socket.on('disconnect', missVisitors);
}

function showVisitors(now) {
  const here = `${count(now.people, 'person', 'people')} here`;
  const where = `on ${count(now.workers, 'worker')}`;
  setText(presence, here);
  setText(people, `${here}, ${where}`);
}

function missVisitors() {
  setText(presence, '');
  setText(people, '–');
}

function showJob({ at, worker, released }) {
  setText(ran, `Last run by slot ${worker.slot}, at ${clock(at)}`);
  if (released) {
    tell(
      'note',
      `${count(released, 'reservation')} expired`,
      `The job ran in slot ${worker.slot}, pid ${worker.pid}.`,
    );
  }
}
