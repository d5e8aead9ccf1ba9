const OPTIONS = {
  instrument: false,
  isInternalModule: false,
  supportsDynamicImport: true,
  supportsExportNamespaceFrom: true,
  supportsStaticESM: true,
  supportsTopLevelAwait: true,
};

/** Compiles a TypeScript file as Jest does, with its cache. */
export const compile = (transformer, file) => transformer.transform(file, OPTIONS);
