import { z } from 'zod';
import { isObject } from '../../model/json.ts';
import type { PlaybookView } from '../../port/view/playbook.ts';
import type { LineParams } from './fill.ts';

/** How a playbook's typed parameters are given in a line, and what a form asks: made of their schema, for every playbook alike. */

const Property = z.looseObject({
  type: z.enum(['string', 'number', 'boolean']).catch('string'),
  /** The type of the parameter in the playbook's language. */
  format: z.string().catch('text'),
  description: z.string().optional().catch(undefined),
  enum: z.array(z.string()).optional().catch(undefined),
  default: z.union([z.string(), z.number(), z.boolean()]).optional().catch(undefined),
});

/** A parameter as people are asked for it. */
export type Property = {
  readonly name: string;
  readonly format: string;
  readonly about?: string | undefined;
  readonly choose?: readonly string[] | undefined;
  readonly usual?: string | undefined;
};

type Of = Pick<PlaybookView, 'params' | 'parameters' | 'needs'>;

/** The parameters in the order of the playbook. */
export function propertiesOf({ parameters }: Pick<PlaybookView, 'parameters'>): readonly Property[] {
  const { properties } = parameters;
  if (!isObject(properties)) return [];
  return Object.entries(properties).map(([name, schema]) => {
    const { format, description, enum: choose, default: usual } = Property.parse(isObject(schema) ? schema : {});
    const words = typeof usual === 'boolean' ? (usual ? 'yes' : 'no') : usual === undefined ? undefined : String(usual);
    return { name, format, about: description, choose, usual: words };
  });
}

/** Parameters that come by their place: those that must be given; where none must, the first one. */
export function placedOf({ params, needs }: Of): readonly string[] {
  return needs.length > 0 ? needs : params.slice(0, 1);
}

/** What a line may say for a playbook: `restore shop from daily-20261121 to shop-copy`. */
export function lineParams(playbook: Of): LineParams {
  const properties = propertiesOf(playbook);
  const kind = (name: string): string | undefined => properties.find((one) => one.name === name)?.format;
  const backup = properties.find(({ format }) => format === 'backup')?.name;
  const words = new Map<string, string>();
  if (backup !== undefined) words.set('from', backup);
  if (kind('into') === 'namespace') words.set('to', 'into').set('into', 'into');
  return {
    names: playbook.params,
    required: placedOf(playbook),
    words,
    ...(kind('into') === 'namespace' && kind('from') === 'namespace' ? { spare: { of: 'into', name: 'from' } } : {}),
  };
}

/** `/dr restore INTO [from BACKUP] [to NAMESPACE] [--dry-run]`. */
export function playbookExample(command: string, playbook: Of): string {
  const { words = new Map<string, string>() } = lineParams(playbook);
  const placed = placedOf(playbook);
  const optional = [...words]
    .filter(([word, name]) => word !== name && !(word === 'from' && placed.includes(name)))
    .map(([word, name]) => ` [${word} ${word === 'to' ? 'NAMESPACE' : name.toUpperCase()}]`);
  return ['/dr', command, ...placed.map((name) => name.toUpperCase())].join(' ') + optional.join('');
}
