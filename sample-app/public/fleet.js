import { element } from './dom.js';

const list = document.querySelector('#fleet');

/** Shows the other hosts that share the tickets, if there are any. */
export function showFleet({ hosts }) {
  const others = hosts.filter(({ isSelf }) => !isSelf);
  list.replaceChildren(
    ...others.map(({ name, pid, health, ready, wanted, generation }) =>
      element(
        'li',
        {},
        `Host ${name}, pid ${pid}: ${health}, ${ready} of ${wanted} workers ready, generation ${generation}`,
      ),
    ),
  );
}
