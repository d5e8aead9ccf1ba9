// @ts-check
const { createRequire } = require('node:module');
const path = require('node:path');

const IMPORT = "import { ClusterModule } from 'nestjs-cluster';";
const ENTRY = 'ClusterModule.forRoot()';

/**
 * `nest add nestjs-cluster`: adds the module to the imports of the root module, or tells what to add.
 *
 * @param {{ sourceRoot?: string }} options
 */
exports.nestAdd =
  ({ sourceRoot = 'src' }) =>
  /**
   * @param {{ read(path: string): { toString(encoding: 'utf8'): string } | null, overwrite(path: string, content: string): void }} tree
   * @param {{ logger: { info(message: string): void, warn(message: string): void } }} context
   */
  (tree, { logger }) => {
    const file = `${sourceRoot}/app.module.ts`;
    const source = tree.read(file)?.toString('utf8');
    const changed = source === undefined ? undefined : addModule(source, loadTypeScript());
    if (changed === undefined) {
      logger.warn(
        `Could not find the imports of AppModule in ${file}. Add the module to your root module:\n\n` +
          `  ${IMPORT}\n\n  @Module({ imports: [${ENTRY}] })\n`,
      );
    } else if (changed === source) {
      logger.info(`${file} imports ClusterModule already.`);
    } else {
      tree.overwrite(file, changed);
    }
    return tree;
  };

/**
 * @param {string} source of a module
 * @param {typeof import('typescript') | undefined} ts
 * @returns {string | undefined} the source with the import; `undefined` if it is not clear where to add it
 */
function addModule(source, ts) {
  if (/from\s+['"]nestjs-cluster['"]/.test(source)) {
    return source;
  }
  if (/\bClusterModule\b/.test(source)) {
    // A class of another package.
    return undefined;
  }
  const place = ts && findImports(source, ts);
  if (!place) {
    return undefined;
  }
  const { at, text } = place;
  const lineBreak = source.includes('\r\n') ? '\r\n' : '\n';
  return `${IMPORT}${lineBreak}${source.slice(0, at)}${text}${source.slice(at)}`;
}

/**
 * Finds where to add the module to the only class with `@Module({ ... })`, and what.
 *
 * @param {string} source
 * @param {typeof import('typescript')} ts
 * @returns {{ at: number, text: string } | undefined}
 */
function findImports(source, ts) {
  const file = ts.createSourceFile('app.module.ts', source, ts.ScriptTarget.Latest, true);
  const decorators = file.statements
    .filter(ts.isClassDeclaration)
    .flatMap(node => ts.getDecorators(node) ?? [])
    .map(({ expression }) => expression)
    .filter(ts.isCallExpression)
    .filter(({ expression }) => expression.getText() === 'Module');
  const [decorator, ...others] = decorators;
  const [metadata] = decorator?.arguments ?? [];
  if (!decorator || others.length > 0 || (metadata && !ts.isObjectLiteralExpression(metadata))) {
    return undefined;
  }
  if (!metadata) {
    return { at: decorator.end - 1, text: `{ imports: [${ENTRY}] }` };
  }
  const imports = metadata.properties.find(
    ({ name }) => name?.getText().replaceAll(/['"]/g, '') === 'imports',
  );
  if (!imports) {
    const separator = metadata.properties.length > 0 ? ',' : '';
    return { at: metadata.getStart() + 1, text: ` imports: [${ENTRY}]${separator}` };
  }
  if (!ts.isPropertyAssignment(imports) || !ts.isArrayLiteralExpression(imports.initializer)) {
    return undefined;
  }
  const [first] = imports.initializer.elements;
  return first
    ? { at: first.getStart(), text: `${ENTRY}, ` }
    : { at: imports.initializer.getStart() + 1, text: ENTRY };
}

/** The compiler of the project, if it has one. */
function loadTypeScript() {
  try {
    return createRequire(path.join(process.cwd(), 'package.json'))('typescript');
  } catch {
    return undefined;
  }
}

exports.addModule = addModule;
