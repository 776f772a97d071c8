import { formatDuration } from '../../model/duration.ts';
import { type ApprovalPolicy, RIGHTS } from '../../model/policy.ts';
import { needText, RIGHT_WORDS, type Rules, roleText, teamText } from '../access.ts';
import { type Html, html } from '../html.ts';
import { type Page, rows, type Seat } from '../layout.ts';
import { logInHint } from './form.ts';

/** Who may do what, as the configuration says now; first of all the one who looks. */
export function peoplePage({ session, rules, whyNot }: Seat): Page {
  const own = rules.people.find(({ name }) => name === session?.person);
  return {
    title: 'People and rights',
    part: 'people',
    main: html`
<h1>People and rights</h1>
<p class="answer">${own === undefined ? 'You are not logged in: you may only look.' : `You are ${own.name}, ${own.teams.length === 0 ? 'in no team' : `of ${own.teams.join(', ')}`}.`}</p>
${session === undefined && logInHint('To do more than look', '/people')}
<h2>Rights</h2>
<table><thead><tr><th scope="col">To do</th><th scope="col">Who</th><th scope="col">You</th></tr></thead><tbody>
${RIGHTS.map(
  (right) =>
    html`<tr><th scope="row">${RIGHT_WORDS[right]}</th><td>${holdersText(rules.rights[right], rules)}</td><td>${whyNot(right) === undefined ? html`<span class="good">may</span>` : html`<span class="soft">may not</span>`}</td></tr>`,
)}</tbody></table>
<h2>Approvals</h2>
${rows([
  ['Reversible', approvalText(rules.approvals.reversible, rules)],
  ['Destructive', approvalText(rules.approvals.destructive, rules)],
  [
    'Stricter',
    rules.approvals.stricter.map(
      ({ playbook, action, ...rule }) =>
        html`<p>${[playbook, action].filter((one) => one !== undefined).join(', ')}: ${rule.need === undefined ? 'asks for more than its risk' : needText(rule.need, rules)}</p>`,
    ),
  ],
  [
    'Automatic',
    rules.approvals.auto.length === 0
      ? 'nothing: somebody is always asked'
      : rules.approvals.auto.map(
          ({ action, playbook, limit }) =>
            html`<p>${action}${playbook !== undefined && ` of ${playbook}`}, at most ${limit.count} in ${formatDuration(limit.perMs)}</p>`,
        ),
  ],
])}
<h2>Roles that playbooks ask for</h2>
${rows(Object.keys(rules.roles).map((role) => [role, roleText(role, rules)] as const))}
<h2>People</h2>
${peopleTable(rules)}`,
  };
}

function holdersText(teams: 'everyone' | readonly string[], rules: Rules): string {
  if (teams === 'everyone') return 'everyone';
  return teams.length === 0 ? 'nobody: the configuration maps no team to it' : teams.map((team) => teamText(team, rules)).join(', ');
}

function approvalText({ need, notRequester, typedConfirmation, withinMs }: ApprovalPolicy, rules: Rules): string {
  const more = [notRequester ? 'not by who asked for it' : '', typedConfirmation ? 'with a typed word' : '', `within ${formatDuration(withinMs)}`];
  return [needText(need, rules), ...more.filter((one) => one !== '')].join(', ');
}

function peopleTable({ people }: Rules): Html {
  return html`<table><thead><tr><th scope="col">Name</th><th scope="col">Teams</th><th scope="col">Known in</th></tr></thead><tbody>
${people.map(({ name, teams, slack, pagerduty }) => {
  const places = [slack === undefined ? '' : 'Slack', pagerduty === undefined ? '' : 'PagerDuty'].filter((one) => one !== '');
  return html`<tr><th scope="row">${name}</th><td>${teams.length === 0 ? 'none' : teams.join(', ')}</td><td>${places.length === 0 ? 'no other place' : places.join(', ')}</td></tr>`;
})}</tbody></table>`;
}
