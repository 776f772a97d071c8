import { z } from 'zod';
import { Confirm, Id, Option, OptionGroup, PlainText, Text } from './texts.ts';

const placeholder = { placeholder: PlainText(150).optional(), focus_on_load: z.boolean().optional() };
const acting = { action_id: Id.optional(), confirm: Confirm.optional() };
const Options = z.array(Option).min(1).max(100).optional();
const Groups = z.array(OptionGroup).min(1).max(100).optional();
const typed = { action_id: Id.optional(), initial_value: z.string().optional(), dispatch_action_config: z.json().optional(), ...placeholder };

const Button = z.strictObject({
  type: z.literal('button'),
  text: PlainText(75),
  value: z.string().max(2000).optional(),
  url: z.url().max(3000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
  accessibility_label: z.string().max(75).optional(),
  ...acting,
});

const Overflow = z.strictObject({ type: z.literal('overflow'), options: z.array(Option).min(1).max(5), ...acting });
const StaticSelect = z.strictObject({
  type: z.literal('static_select'),
  options: Options,
  option_groups: Groups,
  initial_option: Option.optional(),
  ...acting,
  ...placeholder,
});
const ExternalSelect = z.strictObject({
  type: z.literal('external_select'),
  initial_option: Option.optional(),
  min_query_length: z.int().min(0).optional(),
  ...acting,
  ...placeholder,
});
const MultiStaticSelect = z.strictObject({
  type: z.literal('multi_static_select'),
  options: Options,
  option_groups: Groups,
  initial_options: z.array(Option).optional(),
  max_selected_items: z.int().min(1).optional(),
  ...acting,
  ...placeholder,
});
const MultiExternalSelect = z.strictObject({
  type: z.literal('multi_external_select'),
  initial_options: z.array(Option).optional(),
  min_query_length: z.int().min(0).optional(),
  max_selected_items: z.int().min(1).optional(),
  ...acting,
  ...placeholder,
});
const UsersSelect = z.strictObject({ type: z.literal('users_select'), initial_user: z.string().optional(), ...acting, ...placeholder });
const MultiUsersSelect = z.strictObject({
  type: z.literal('multi_users_select'),
  initial_users: z.array(z.string()).optional(),
  max_selected_items: z.int().min(1).optional(),
  ...acting,
  ...placeholder,
});
const ConversationsSelect = z.strictObject({
  type: z.literal('conversations_select'),
  initial_conversation: z.string().optional(),
  default_to_current_conversation: z.boolean().optional(),
  filter: z.json().optional(),
  ...acting,
  ...placeholder,
});
const Checkboxes = z.strictObject({
  type: z.literal('checkboxes'),
  options: z.array(Option).min(1).max(10),
  initial_options: z.array(Option).optional(),
  focus_on_load: z.boolean().optional(),
  ...acting,
});
const RadioButtons = z.strictObject({
  type: z.literal('radio_buttons'),
  options: z.array(Option).min(1).max(10),
  initial_option: Option.optional(),
  focus_on_load: z.boolean().optional(),
  ...acting,
});
const DatePicker = z.strictObject({ type: z.literal('datepicker'), initial_date: z.iso.date().optional(), ...acting, ...placeholder });
const TimePicker = z.strictObject({
  type: z.literal('timepicker'),
  initial_time: z
    .string()
    .regex(/^\d\d:\d\d$/)
    .optional(),
  timezone: z.string().optional(),
  ...acting,
  ...placeholder,
});

/** What stands in an input block only. */
const TextInput = z.strictObject({
  type: z.literal('plain_text_input'),
  multiline: z.boolean().optional(),
  min_length: z.int().min(0).max(3000).optional(),
  max_length: z.int().min(1).max(3000).optional(),
  ...typed,
});
const EmailInput = z.strictObject({ type: z.literal('email_text_input'), ...typed });
const UrlInput = z.strictObject({ type: z.literal('url_text_input'), ...typed });
const NumberInput = z.strictObject({
  type: z.literal('number_input'),
  is_decimal_allowed: z.boolean(),
  min_value: z.string().optional(),
  max_value: z.string().optional(),
  ...typed,
});

export const Image = z.strictObject({ type: z.literal('image'), image_url: z.url().max(3000), alt_text: z.string().min(1).max(2000) });

const choosing = [
  StaticSelect,
  ExternalSelect,
  MultiStaticSelect,
  MultiExternalSelect,
  UsersSelect,
  MultiUsersSelect,
  ConversationsSelect,
  Checkboxes,
  RadioButtons,
  DatePicker,
  TimePicker,
] as const;
const interactive = [Button, Overflow, ...choosing] as const;

/** Beside a section. */
export const Accessory = z.discriminatedUnion('type', [...interactive, Image]);
/** In an actions block. */
export const ActionElement = z.discriminatedUnion('type', [...interactive]);
/** In a context block. */
export const ContextElement = z.union([Image, Text(3000)]);
/** In an input block. */
export const InputElement = z.discriminatedUnion('type', [TextInput, EmailInput, UrlInput, NumberInput, ...choosing]);

export type InputElement = z.output<typeof InputElement>;
export type ActionElement = z.output<typeof ActionElement>;
/** Any element that a person acts on. */
export type Element = InputElement | ActionElement;
