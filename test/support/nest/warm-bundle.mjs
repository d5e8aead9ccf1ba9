/**
 * Loads the bundle of Nest in the working directory, lets it serve a request, and saves the code that V8 has compiled
 * for that. Writes the names that each package exports to the standard output, as JSON.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cwd, stdout } from 'node:process';
import { pathToFileURL } from 'node:url';

const { CACHE_FILE, packages, script } = await import(
  pathToFileURL(join(cwd(), 'load-bundle.js')).href
);

const { Controller, Get, Module } = packages['@nestjs/common']();
const { NestFactory } = packages['@nestjs/core']();
const { FastifyAdapter } = packages['@nestjs/platform-fastify']();
packages['@nestjs/terminus']();
packages['@nestjs/websockets']();

class AppController {
  hello() {
    return { hello: 'world' };
  }
}
Get()(
  AppController.prototype,
  'hello',
  Object.getOwnPropertyDescriptor(AppController.prototype, 'hello'),
);
Controller()(AppController);

// Without decorators, a class with nothing in it is a function.
function AppModule() {}
Module({ controllers: [AppController] })(AppModule);

for (const adapter of [[], [new FastifyAdapter()]]) {
  const app = await NestFactory.create(AppModule, ...adapter, { logger: false });
  await app.listen(0, '127.0.0.1');
  await (await fetch(await app.getUrl())).json();
  await app.close();
}
writeFileSync(CACHE_FILE, script.createCachedData());

// Afterwards: the saved code of packages that few applications use would take the others time to load.
const names = Object.fromEntries(
  Object.entries(packages).map(([name, evaluate]) => [
    name,
    Object.keys(evaluate()).filter(key => key !== 'default' && key !== '__esModule'),
  ]),
);
stdout.write(JSON.stringify(names));
