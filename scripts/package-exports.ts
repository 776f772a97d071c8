/** One entry of `exports` in package.json: a source file in a checkout, compiled files in the packed package. */
export type Exports = { readonly [name: string]: string | { readonly types: string; readonly default: string } };

/**
 * What `exports` says in the packed package. In a checkout it names TypeScript, which Node runs as it is;
 * below `node_modules` Node strips no types, so the package names what prepack compiled.
 */
export function packedExports(exports: Exports): Exports {
  return mapped(exports, (target) => {
    if (typeof target !== 'string' || !target.endsWith('.ts')) return target;
    const compiled = target.replace(/^\.\//, './dist/').replace(/\.ts$/, '');
    return { types: `${compiled}.d.ts`, default: `${compiled}.js` };
  });
}

/** The way back; what is already as in a checkout stays. */
export function checkoutExports(exports: Exports): Exports {
  return mapped(exports, (target) => (typeof target === 'string' ? target : target.default.replace(/^\.\/dist\//, './').replace(/\.js$/, '.ts')));
}

function mapped(exports: Exports, change: (target: Exports[string]) => Exports[string]): Exports {
  return Object.fromEntries(Object.entries(exports).map(([name, target]) => [name, change(target)]));
}
