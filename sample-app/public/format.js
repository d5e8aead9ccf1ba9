/** 900 → "0.9 s", 75 000 → "1 min 15 s", 7 500 000 → "2 h 5 min", never broken into two lines. */
export function duration(ms) {
  return words(Math.max(0, ms)).replaceAll(' ', '\u00a0');
}

function words(ms) {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 10) return `${(ms / 1000).toFixed(1)} s`;
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function clock(at = Date.now()) {
  return new Date(at).toLocaleTimeString([], { hour12: false });
}

const EXITS = {
  left: 'exited normally',
  crashed: 'crashed',
  'boot-failed': 'failed to start',
  'boot-timeout': 'took too long to start and was killed',
  'drain-timeout': 'took too long to drain and was killed',
  hung: 'was blocked for too long and was killed',
  killed: 'was killed',
};

/** "crashed (code 1)", as the rest of a sentence about a worker. */
export function howItEnded({ code, signal, reason }) {
  const how = EXITS[reason] ?? reason;
  return reason === 'left' ? how : `${how} (${signal ?? `code ${code}`})`;
}

export function count(n, one, many = `${one}s`) {
  return `${grouped(n)} ${n === 1 ? one : many}`;
}

/** 88 080 384 → "88 MB" */
export function megabytes(bytes) {
  return `${grouped(Math.round(bytes / 1e6))}\u00a0MB`;
}

/** 0.34 → "0.3 ms", 3012 → "3,012 ms" */
export function milliseconds(ms) {
  return `${grouped(ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms))}\u00a0ms`;
}

/** 0.031 → "3 %" */
export function percent(share) {
  return `${Math.round(share * 100)}\u00a0%`;
}

/** 1000 → "1,000" */
export function grouped(n) {
  return n.toLocaleString('en');
}
