import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));

type Target = string | { readonly [condition: string]: Target };

/** The declarations of all entry points, as an application with all optional peers finds them. */
describe('the published types', () => {
  let entries: readonly string[];

  beforeAll(async () => {
    const manifest = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as {
      readonly exports: Readonly<Record<string, Target>>;
    };
    entries = filesOf(manifest.exports).filter(file => /\.d\.c?ts$/.test(file));
  });

  it('are those of all entry points', () => {
    expect(entries).toEqual(
      expect.arrayContaining(['./dist/index.d.ts', './dist/index.d.cts', './dist/ws.d.cts']),
    );
  });

  it.each([true, false])(
    'compile without skipLibCheck (exactOptionalPropertyTypes: %s)',
    exactOptionalPropertyTypes => {
      const program = ts.createProgram({
        rootNames: entries.map(entry => root + entry),
        options: {
          target: ts.ScriptTarget.ES2023,
          module: ts.ModuleKind.NodeNext,
          moduleResolution: ts.ModuleResolutionKind.NodeNext,
          types: ['node'],
          typeRoots: [`${root}node_modules/@types`],
          strict: true,
          exactOptionalPropertyTypes,
          experimentalDecorators: true,
          skipLibCheck: false,
          noEmit: true,
        },
      });
      // Of this package alone: other libraries may have faults of their own.
      const own = program
        .getSourceFiles()
        .filter(({ fileName }) => fileName.startsWith(`${root}dist/`));
      expect(own.length).toBeGreaterThanOrEqual(entries.length);
      const problems = own.flatMap(file => [
        ...program.getSyntacticDiagnostics(file),
        ...program.getSemanticDiagnostics(file),
      ]);
      expect(problems.map(shown)).toEqual([]);
    },
  );
});

function filesOf(target: Target): string[] {
  return typeof target === 'string' ? [target] : Object.values(target).flatMap(filesOf);
}

function shown({ file, messageText }: ts.Diagnostic): string {
  return `${file?.fileName.slice(root.length)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
}
