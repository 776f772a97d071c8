// Gives package.json back as a checkout needs it, after prepack made it the packed one.
import { checkoutExports } from './package-exports.ts';
import { rewriteExports } from './package-file.ts';

rewriteExports(checkoutExports);
