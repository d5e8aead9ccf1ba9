import module from 'node:module';

let installed;

/** Installs the module hooks, once for each process. */
export const installHooks = config => (installed ??= install(config));

async function install(config) {
  if (module.registerHooks === undefined) {
    // Node 20 runs hooks in a thread of their own.
    module.register('./hooks.mjs', import.meta.url, { data: config });
    return;
  }
  const { initialize, load, resolve } = await import('./hooks.mjs');
  await initialize(config);
  module.registerHooks({ load, resolve });
}
