import type { ModalView, PlainTextOption } from '@slack/types';
import { z } from 'zod';
import { parseJson } from '../../model/json.ts';
import type { PlaybookView } from '../../port/view/playbook.ts';
import { type Property, propertiesOf } from '../line/params.ts';
import { plainText } from '../text.ts';
import { optionOf } from './option.ts';

/** The form that starts a playbook: a field for each of its parameters, generated from them. What it is about travels in it; nothing is kept in memory. */

export const START = 'start';

/** Selects whose choices come from the cluster while somebody types; what is chosen is told to us at once. */
export const CHOOSE = 'choose';
/** Fields beside the parameters: no parameter has such a name. */
export const OWN = { cluster: '_cluster', reason: '_reason', look: '_look' } as const;
const VALUE = 'value';
const MOST_FIELDS = 60;
const LONGEST = 1000;

/** What such a form was opened for. */
export const Starting = z.strictObject({
  playbook: z.string(),
  channel: z.string(),
  /** How often something was chosen that other choices depend on: a field with another number in its name forgets what was loaded. */
  round: z.int().min(0),
  /** What is chosen so far, of namespaces and of the cluster. */
  chosen: z.record(z.string(), z.string()),
});
export type Starting = z.infer<typeof Starting>;

export function startingIn(metadata: string): Starting | undefined {
  return Starting.safeParse(parseJson(metadata)).data;
}

/** `backup~2`: a field of a parameter, in its round. */
export function fieldOf(block: string): string {
  return block.replace(/~\d+$/, '');
}

const FROM_CLUSTER: ReadonlySet<string> = new Set(['namespace', 'node', 'pod', 'volume', 'schedule', 'backup', 'restore', 'storage-location']);

export function isChosen({ format, choose }: Pick<Property, 'format' | 'choose'>): boolean {
  return choose === undefined && FROM_CLUSTER.has(format);
}

type Given = ReadonlyMap<string, string>;

export type StartForm = {
  readonly playbook: PlaybookView;
  readonly starting: Starting;
  /** What was typed before, by the names of parameters. */
  readonly given: Given;
  /** Names of clusters, where there are several; the first is the usual one. */
  readonly clusters: readonly string[];
};

export function startForm({ playbook, starting, given, clusters }: StartForm): ModalView {
  const { needs, summary, command, id } = playbook;
  const properties = propertiesOf(playbook);
  const ordered = [...properties.filter(({ name }) => needs.includes(name)), ...properties.filter(({ name }) => !needs.includes(name))];
  const asksCluster =
    clusters.length > 1 && clusters.every((name) => optionOf({ value: name }) !== undefined) && !properties.some(({ name }) => name === 'cluster');
  return {
    type: 'modal',
    callback_id: START,
    private_metadata: JSON.stringify(starting),
    title: { type: 'plain_text', text: plainText(capital(command ?? id), 24) || 'Start' },
    submit: { type: 'plain_text', text: 'Make the plan' },
    close: { type: 'plain_text', text: 'Back' },
    blocks: [
      {
        type: 'context',
        elements: [{ type: 'plain_text', text: plainText(`${summary} Nothing is changed before people have seen the plan.`, 500), emoji: false }],
      },
      ...(asksCluster ? [clusterField(clusters, given.get(OWN.cluster))] : []),
      ...ordered
        .slice(0, MOST_FIELDS)
        .map((property) => field(property, { isNeeded: needs.includes(property.name), round: starting.round, value: given.get(property.name) })),
      textField({ block: OWN.reason, label: 'Why', hint: 'For the timeline.', optional: true, value: given.get(OWN.reason) }),
      {
        type: 'input',
        block_id: OWN.look,
        optional: true,
        label: label('Only look'),
        element: {
          type: 'checkboxes',
          action_id: VALUE,
          options: [LOOK],
          ...(given.has(OWN.look) ? { initial_options: [LOOK] } : {}),
        },
      },
    ],
  };
}

const LOOK: PlainTextOption = { text: { type: 'plain_text', text: 'Say what it would find and propose; start nothing' }, value: 'yes' };

type Asked = { readonly isNeeded: boolean; readonly round: number; readonly value: string | undefined };
type Block = ModalView['blocks'][number];

function field({ name, format, about, choose, usual }: Property, { isNeeded, round, value }: Asked): Block {
  const common = { type: 'input', label: label(about ?? name), optional: !isNeeded } as const;
  const hint = { hint: { type: 'plain_text' as const, text: plainText(usual === undefined ? name : `${name}: ${usual} unless you choose`, 150) } };
  if (isChosen({ format, choose })) {
    return {
      ...common,
      ...hint,
      block_id: `${name}~${round}`,
      // What a namespace has of backups is asked for when it is known which namespace.
      dispatch_action: format === 'namespace',
      element: {
        type: 'external_select',
        action_id: `${CHOOSE}:${name}`,
        min_query_length: 0,
        placeholder: { type: 'plain_text', text: `Choose, or type to find a ${format.replace('-', ' ')}` },
        ...(value === undefined ? {} : initialOf(value)),
      },
    };
  }
  const options = choose ?? (format === 'yes-no' ? ['yes', 'no'] : undefined);
  const all = (options ?? []).slice(0, 100).flatMap((one) => optionOf({ value: one }) ?? []);
  if (all.length === 0) return textField({ block: name, label: about ?? name, hint: hint.hint.text, optional: !isNeeded, value });
  const initial = all.find((one) => one.value === (value ?? usual));
  return {
    ...common,
    ...hint,
    block_id: name,
    element: { type: 'static_select', action_id: VALUE, options: all, ...(initial === undefined ? {} : { initial_option: initial }) },
  };
}

function initialOf(value: string): { readonly initial_option?: PlainTextOption } {
  const option = optionOf({ value });
  return option === undefined ? {} : { initial_option: option };
}

function clusterField(clusters: readonly string[], value: string | undefined): Block {
  const options = clusters.slice(0, 100).flatMap((name) => optionOf({ value: name }) ?? []);
  const initial = options.find((one) => one.value === value) ?? options[0];
  return {
    type: 'input',
    block_id: OWN.cluster,
    dispatch_action: true,
    label: label('Cluster'),
    element: { type: 'static_select', action_id: `${CHOOSE}:${OWN.cluster}`, options, ...(initial === undefined ? {} : { initial_option: initial }) },
  };
}

type Text = { readonly block: string; readonly label: string; readonly hint: string; readonly optional: boolean; readonly value: string | undefined };

function textField({ block, label: text, hint, optional, value }: Text): Block {
  const initial = plainInput(value);
  return {
    type: 'input',
    block_id: block,
    optional,
    label: label(text),
    hint: { type: 'plain_text', text: plainText(hint, 150) },
    element: { type: 'plain_text_input', action_id: VALUE, max_length: LONGEST, ...(initial === '' ? {} : { initial_value: initial }) },
  };
}

/** What somebody typed stands in its field as it was typed. */
function plainInput(value = ''): string {
  return value.slice(0, LONGEST).toWellFormed();
}

function label(text: string): { readonly type: 'plain_text'; readonly text: string; readonly emoji: false } {
  return { type: 'plain_text', text: plainText(text, 200) || '–', emoji: false };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
