import { describe, expect, it, vi } from 'vitest';
import type ts from 'typescript';
import schematic from '../../../schematics/nest-add.cjs';
import { typescript } from '../../support/typescript.js';

const { addModule, nestAdd } = schematic;

const IMPORT = "import { ClusterModule } from 'nestjs-cluster';\n";

describe('nest add', () => {
  it.each([
    ['an array of imports', '@Module({ imports: [ConfigModule.forRoot()], providers: [A] })'],
    ['an array over several lines', '@Module({\n  imports: [\n    OtherModule,\n  ],\n})'],
    ['an empty array', '@Module({ imports: [], controllers: [] })'],
    ['no imports', '@Module({ controllers: [AppController] })'],
    ['no properties', '@Module({})'],
    ['no metadata', '@Module()'],
    ['a quoted key', "@Module({ 'imports': [OtherModule] })"],
    ['a module with a longer name', '@Module({ imports: [RedisClusterModule] })'],
  ])('adds the module to %s', (_, decorator) => {
    const source = `import { Module } from '@nestjs/common';\n\n${decorator}\nexport class AppModule {}\n`;
    const changed = addModule(source, typescript)!;
    expect(changed.startsWith(IMPORT)).toBe(true);
    expect(importsOf(changed)[0]).toBe('ClusterModule.forRoot()');
    expect(importsOf(changed).slice(1)).toEqual(importsOf(source));
  });

  it('keeps Windows line breaks', () => {
    const source = '@Module({ imports: [] })\r\nexport class AppModule {}\r\n';
    expect(addModule(source, typescript)).toBe(
      "import { ClusterModule } from 'nestjs-cluster';\r\n@Module({ imports: [ClusterModule.forRoot()] })\r\nexport class AppModule {}\r\n",
    );
  });

  it('adds nothing a second time', () => {
    const once = addModule('@Module({})\nexport class AppModule {}\n', typescript)!;
    expect(addModule(once, typescript)).toBe(once);
  });

  it.each([
    ['imports that are computed', '@Module({ imports: modules() })\nexport class AppModule {}'],
    ['metadata from elsewhere', '@Module(metadata)\nexport class AppModule {}'],
    ['two modules', '@Module({})\nclass A {}\n@Module({})\nexport class AppModule {}'],
    ['no module', 'export const AppModule = {};'],
    [
      'a ClusterModule of another package',
      "import { ClusterModule } from 'other';\n@Module({})\nexport class AppModule {}",
    ],
  ])('does not guess with %s', (_, source) => {
    expect(addModule(source, typescript)).toBeUndefined();
  });

  it('tells what to add where it is not sure', () => {
    const warnings: string[] = [];
    const tree = { read: () => null, overwrite: vi.fn() };
    nestAdd({ sourceRoot: 'source' })(tree, {
      logger: { info: () => {}, warn: message => warnings.push(message) },
    });
    expect(tree.overwrite).not.toHaveBeenCalled();
    expect(warnings.join('')).toContain('source/app.module.ts');
    expect(warnings.join('')).toContain('@Module({ imports: [ClusterModule.forRoot()] })');
  });
});

/** The elements of the array of imports. */
function importsOf(source: string): string[] {
  const file = typescript.createSourceFile('a.ts', source, typescript.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      typescript.isPropertyAssignment(node) &&
      node.name.getText().replaceAll(/['"]/g, '') === 'imports' &&
      typescript.isArrayLiteralExpression(node.initializer)
    ) {
      found.push(...node.initializer.elements.map(element => element.getText()));
    }
    typescript.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
