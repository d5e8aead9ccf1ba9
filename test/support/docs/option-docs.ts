import type ts from 'typescript';
import { typescript } from '../typescript.js';

/** The TSDoc of an option. */
export interface OptionDoc {
  /** Its full name: `restart.maxDelay`. */
  readonly path: string;
  /** Its type without `undefined`, with the names of types of the same file resolved. */
  readonly type: string;
  /** The first sentence. */
  readonly summary: string;
  /** The environment variable. */
  readonly env: string | undefined;
  /** The text of `@defaultValue`. */
  readonly byDefault: string | undefined;
}

/**
 * Reads the options from the source text of their interfaces.
 *
 * @param root the interface that the others belong to
 */
export function readOptionDocs(source: string, root: string): OptionDoc[] {
  const file = typescript.createSourceFile(
    'options.ts',
    source,
    typescript.ScriptTarget.Latest,
    true,
  );
  const interfaces = new Map<string, ts.InterfaceDeclaration>();
  const aliases = new Map<string, string>();
  for (const statement of file.statements) {
    if (typescript.isInterfaceDeclaration(statement)) {
      interfaces.set(statement.name.text, statement);
    } else if (typescript.isTypeAliasDeclaration(statement)) {
      aliases.set(statement.name.text, statement.type.getText());
    }
  }
  const read = (name: string, prefix: string): OptionDoc[] =>
    [...(interfaces.get(name)?.members ?? [])].flatMap(property => {
      if (!typescript.isPropertySignature(property)) {
        return [];
      }
      const path = prefix + property.name.getText();
      // Each option can be `undefined`.
      const type = (property.type?.getText() ?? 'unknown').replace(/ \| undefined$/, '');
      return interfaces.has(type)
        ? read(type, `${path}.`)
        : [{ path, type: aliases.get(type) ?? type, ...describe(property) }];
    });
  return read(root, '');
}

function describe(property: ts.PropertySignature): Omit<OptionDoc, 'path' | 'type'> {
  const [doc] = typescript.getJSDocCommentsAndTags(property).filter(typescript.isJSDoc);
  const text = typescript.getTextOfJSDocComment(doc?.comment) ?? '';
  const byDefault = doc?.tags?.find(tag => tag.tagName.text === 'defaultValue');
  return {
    summary: firstSentence(text),
    env: /^Environment: `(\w+)`/m.exec(text)?.[1],
    byDefault: typescript.getTextOfJSDocComment(byDefault?.comment),
  };
}

function firstSentence(text: string): string {
  const [sentence = ''] = /^[^]*?\.(?=\s|$)/.exec(text) ?? [];
  return sentence.replaceAll(/\s+/g, ' ');
}
